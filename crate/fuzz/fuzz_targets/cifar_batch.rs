//! A batch file of CIFAR-10. The first byte says whether the rest is used as it is or padded to the length of a whole
//! file.
#![no_main]

use std::fs;

use gan_nb::data::Cifar10;
use gan_nb_fuzz::{folder, within};
use libfuzzer_sys::fuzz_target;

const RECORD: usize = 3073;
const NAME: &str = "data_batch_1.bin";

fuzz_target!(|input: &[u8]| {
    let Some((mode, bytes)) = input.split_first() else { return };
    let records = 1 + usize::from(mode >> 1 & 1);
    let mut bytes = bytes.to_vec();
    if mode & 1 == 1 {
        bytes.resize(records * RECORD, 0);
    }
    let batches = folder().join(Cifar10::FOLDER);
    fs::create_dir_all(&batches).unwrap();
    fs::write(batches.join(NAME), &bytes).unwrap();
    // The images, and a read buffer of 128 KiB.
    let allowed = 2 * bytes.len() + (1 << 18);
    let result = within(allowed, || Cifar10::load_small_from(folder(), records, &[NAME]));
    let fits = bytes.len() == records * RECORD && bytes.chunks(RECORD).all(|record| record[0] < 10);
    match result {
        Ok(data) => {
            assert!(fits && data.len() == records);
            assert_eq!(data.label(records - 1).unwrap(), usize::from(bytes[(records - 1) * RECORD]));
        }
        Err(error) => assert!(!fits, "{error}"),
    }
});

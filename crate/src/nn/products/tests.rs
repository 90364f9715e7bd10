use super::*;
use crate::nn::{Conv2D, Padding, Residual};
use std::path::Path;
use tch::Device;

fn seconds(convolution: f64, product: f64) -> Seconds {
    Seconds { convolution, product }
}

#[test]
fn a_product_is_taken_where_it_saves_a_tenth() {
    let [slower, same, little, tenth, half] =
        [(1.0, 2.0), (1.0, 1.0), (1.0, 0.91), (1.0, 0.9), (2.0, 1.0)].map(|(c, p)| seconds(c, p));
    assert_eq!(fastest([slower, same, little]), Products::NONE);
    assert_eq!(fastest([tenth, half, half]), Products::ALL);
    assert_eq!(fastest([half, slower, slower]), Products::NONE.with(Part::Shrink));
    assert_eq!(fastest([slower, half, slower]), Products::NONE.with(Part::Grow));
    assert_eq!(fastest([slower, slower, half]), Products::NONE.with(Part::Weigh));
    let unknown = seconds(f64::NAN, f64::NAN);
    assert_eq!(fastest([unknown; 3]), Products::NONE);
}

/// 6 × 6 × 3 → twice the same convolution → another.
fn model() -> Sequential {
    let mut model = Sequential::new_on(Device::Cpu, "m", [6, 6, 3], 1);
    let same = || Conv2D::new(3, 3).padding(Padding::Same);
    model.add(same()).unwrap().add(Residual::new().add(same())).unwrap().add(Conv2D::new(4, 3)).unwrap();
    model
}

/// Chooses with weights that are faster as products, and says how many convolutions had to be measured.
fn measured(model: &mut Sequential, batch: i64, path: &Path, machine: &str) -> usize {
    let mut count = 0;
    let mut measure = |_: &Convolution, _| {
        count += 1;
        Ok([seconds(1.0, 1.0), seconds(1.0, 1.0), seconds(1.0, 0.5)])
    };
    choose_by(&[model], batch, &mut Kept::read(Some(path.into()), machine.into()), &mut measure).unwrap();
    assert_eq!(model.products(), [Products::NONE.with(Part::Weigh); 3]);
    count
}

#[test]
fn each_convolution_is_measured_once_for_each_machine_and_batch_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not yet/convolutions.json");
    assert_eq!(measured(&mut model(), 4, &path, "a"), 2);
    assert_eq!(measured(&mut model(), 4, &path, "a"), 0);
    assert_eq!(measured(&mut model(), 8, &path, "a"), 2);
    assert_eq!(measured(&mut model(), 4, &path, "b"), 2);
    assert_eq!(measured(&mut model(), 4, &path, "a"), 0, "what is known of others stays");
}

#[test]
fn a_file_that_is_damaged_or_of_another_format_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("convolutions.json");
    measured(&mut model(), 4, &path, "a");
    let whole = std::fs::read_to_string(&path).unwrap();
    let other_format = whole.replace("\"format\": 1", "\"format\": 2");
    let other_bits = whole.replacen(": 4", ": 8", 1);
    for damaged in ["", "[]", &whole[..whole.len() - 2], &other_format, &other_bits] {
        assert_ne!(damaged, whole);
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(measured(&mut model(), 4, &path, "a"), 2, "{damaged}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }
}

#[test]
fn without_a_place_for_the_file_it_is_measured_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for _ in 0..2 {
        assert_eq!(measured(&mut model(), 4, &file.join("convolutions.json"), "a"), 2);
    }
}

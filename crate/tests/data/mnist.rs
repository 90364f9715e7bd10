//! MNIST and Fashion-MNIST from made-up files of their format: read, refused, found, and fetched from a real server here.

use std::fs;
use std::path::Path;

use crate::common::photos::{gzip, idx_images, idx_labels, write_idx};
use crate::common::{assert_refused, printed_by};
use gan_nb::data::{Dataset, FashionMnist, Mnist, MnistFiles, class_names};
use tempfile::TempDir;

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

fn with(images: &[u8], labels: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(format!("{IMAGES}.gz")), images).unwrap();
    fs::write(dir.path().join(format!("{LABELS}.gz")), labels).unwrap();
    dir
}

/// Fails unless these are `count` of the made-up pictures.
fn assert_pictures(data: &Dataset, count: usize) {
    assert_eq!((data.len(), data.image_shape()), (count, [32, 32, 3]));
    for i in 0..count {
        let picture = Vec::<u8>::try_from(data.images(&[i]).unwrap().reshape([-1])).unwrap();
        for (place, pixel) in picture.chunks_exact(3).enumerate() {
            let (y, x) = (place / 32, place % 32);
            let is_inside = (2..30).contains(&y) && (2..30).contains(&x);
            let expected = match (is_inside, y, x) {
                (false, ..) => 0,
                (true, 2, 2) => 255,
                _ => (7 * i) as u8,
            };
            assert_eq!(pixel, [expected; 3], "picture {i} at row {y}, column {x}");
        }
        assert_eq!(data.label(i).unwrap(), i % 10);
    }
}

#[test]
fn pictures_get_a_frame_and_three_channels() {
    let dir = with(&gzip(&idx_images(12)), &gzip(&idx_labels(12)));
    write_idx(dir.path(), "t10k", 3);
    let data = Mnist::load_from(dir.path()).unwrap();
    assert_eq!(data.to_string(), "MNIST: 12 images of 32x32x3, 10 classes");
    assert_eq!(data.class_names()[3], "3");
    assert_pictures(&data, 12);
    let test = FashionMnist::load_test_from(dir.path()).unwrap();
    assert_eq!(test.to_string(), "Fashion-MNIST test: 3 images of 32x32x3, 10 classes");
    assert_eq!(test.class_names()[9], "ankle boot");
    assert_pictures(&test, 3);
    assert_eq!(class_names("Fashion-MNIST").map(|names| names[6]), Some("shirt"));
    assert_eq!(class_names("MNIST").map(|names| names[6]), Some("6"));
}

#[test]
fn unpacked_files_are_read_under_either_name() {
    let dir = with(&idx_images(4), &idx_labels(4));
    assert_pictures(&Mnist::load_from(dir.path()).unwrap(), 4);
    for name in [IMAGES, LABELS] {
        fs::rename(dir.path().join(format!("{name}.gz")), dir.path().join(name)).unwrap();
    }
    assert_pictures(&Mnist::load_from(dir.path()).unwrap(), 4);
}

#[test]
fn damaged_files_are_refused() {
    let (images, labels) = (idx_images(12), idx_labels(12));
    let refused = |images: &[u8], labels: &[u8], parts: &[&str]| {
        assert_refused(Mnist::load_from(with(images, labels).path()), parts);
    };
    let (gz, small) = (gzip(&images), gzip(&labels));
    refused(&gz[..gz.len() / 2], &small, &[IMAGES, "a damaged or truncated file"]);
    refused(&gz, &small[..small.len() - 3], &[LABELS, "a damaged or truncated file"]);
    refused(&images[..images.len() - 1], &labels, &[IMAGES, "a damaged or truncated file"]);
    refused(b"", &labels, &[IMAGES, "a damaged or truncated file"]);
    let mut wrong_sum = gz.clone();
    let end = wrong_sum.len() - 8;
    wrong_sum[end] ^= 1;
    refused(&wrong_sum, &small, &[IMAGES, "a damaged or truncated file"]);
    refused(&labels, &labels, &[IMAGES, "the magic number 0x0801, expected 0x0803, a file of images"]);
    refused(&images, &images, &[LABELS, "the magic number 0x0803, expected 0x0801, a file of labels"]);
    refused(&[&images[..], &[0]].concat(), &labels, &[IMAGES, "more bytes than its head says"]);
    refused(&images, &idx_labels(11), &[LABELS, "11 labels, expected 12, one for each image"]);
    let changed = |bytes: &[u8], at: usize, to: u8| {
        let mut bytes = bytes.to_vec();
        bytes[at] = to;
        bytes
    };
    refused(&changed(&images, 11, 27), &labels, &[IMAGES, "images of 27x28, expected 28x28"]);
    refused(&images, &changed(&labels, 8 + 5, 10), &[LABELS, "label 10 at place 5, expected a label below 10"]);
    refused(&changed(&images, 4, 0xff), &labels, &[IMAGES, "entries, expected 1 to 1000000"]);
    refused(&idx_images(0), &idx_labels(0), &[IMAGES, "0 entries"]);
}

#[test]
fn what_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let parts = ["found no such files", "train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz", "ossci-datasets"];
    assert_refused(Mnist::load_from(dir.path()), &parts);
    write_idx(dir.path(), "train", 2);
    fs::remove_file(dir.path().join(format!("{LABELS}.gz"))).unwrap();
    assert_refused(Mnist::load_from(dir.path()), &parts);
    assert_refused(FashionMnist::load_test_from(dir.path().join("none")), &["none: found no folder", "t10k-images"]);
}

/// What the cases below run in a process of its own, since the environment belongs to a process.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let (mirrors, sums) = (variable("MIRRORS"), variable("SUMS"));
    let (mirrors, sums): (Vec<&str>, Vec<&str>) = (mirrors.split(' ').collect(), sums.split(' ').collect());
    let files = MnistFiles { mirrors: &mirrors, ..Mnist::FILES };
    let files =
        if let [images, labels] = sums[..] { MnistFiles { md5: [images, labels, "", ""], ..files } } else { files };
    match files.load_with(&mut |_| ()) {
        Ok(data) => println!("loaded {data}, {}", data.md5()),
        Err(error) => println!("refused {error}"),
    }
}

fn loads(data: &Path, cache: &Path, more: &[(&str, &str)]) -> String {
    let places = [("GAN_NB_DATA", data.to_str().unwrap()), ("XDG_CACHE_HOME", cache.to_str().unwrap())];
    printed_by("mnist::child", &[&places, more].concat())
}

#[test]
#[cfg(target_os = "linux")]
fn they_are_found_where_they_usually_are() {
    let nothing = [("MIRRORS", "http://127.0.0.1:1/")];
    let is_found = |below: &str, count: u32| {
        let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write_idx(&named.path().join(below), "train", count);
        let printed = loads(named.path(), cache.path(), &nothing);
        assert!(printed.contains(&format!("loaded MNIST: {count} images of")), "{below}: {printed}");
        let printed = loads(&named.path().join(below), cache.path(), &nothing);
        let named_so = below.ends_with("mnist") || below.ends_with("MNIST");
        assert_eq!(printed.contains("loaded MNIST"), named_so, "{below} itself: {printed}");
        let printed = loads(Path::new(""), named.path(), &nothing);
        assert_eq!(printed.contains("loaded MNIST"), below.starts_with("gan_nb"), "{below} in the cache: {printed}");
    };
    is_found("mnist", 3);
    is_found("MNIST/raw", 4);
    // Fashion-MNIST's files have the same names.
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_idx(&named.path().join("fashion-mnist"), "train", 2);
    write_idx(&named.path().join("FashionMNIST/raw"), "train", 2);
    write_idx(named.path(), "train", 2);
    let printed = loads(named.path(), cache.path(), &nothing);
    assert!(printed.contains("refused http://127.0.0.1:1/train-images-idx3-ubyte.gz: found no answer"), "{printed}");
    write_idx(&cache.path().join("gan_nb/mnist"), "train", 5);
    assert!(loads(named.path(), cache.path(), &nothing).contains("loaded MNIST: 5 images of"));
}

#[cfg(all(feature = "download", target_os = "linux"))]
mod fetched {
    use super::*;
    use crate::server::{answer, rest, serve, whole};

    struct Served {
        images: Vec<u8>,
        labels: Vec<u8>,
        sums: String,
        named: TempDir,
        cache: TempDir,
    }

    impl Served {
        fn new() -> Self {
            let (images, labels) = (gzip(&idx_images(40)), gzip(&idx_labels(40)));
            let sums = format!("{:x} {:x}", md5::compute(&images), md5::compute(&labels));
            let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            Self { images, labels, sums, named, cache }
        }

        fn loads(&self, mirrors: &[&str]) -> String {
            let mirrors: Vec<&str> = mirrors.iter().map(|url| url.trim_end_matches("cifar.tar.gz")).collect();
            let variables = [("MIRRORS", &*mirrors.join(" ")), ("SUMS", &self.sums)];
            loads(&self.named.path().join("new"), self.cache.path(), &variables)
        }

        fn file(&self, name: &str) -> std::path::PathBuf {
            self.named.path().join("new/mnist").join(name)
        }

        fn assert_loaded(&self, printed: &str) {
            assert!(printed.contains("loaded MNIST: 40 images of 32x32x3, 10 classes"), "{printed}");
            assert!(fs::read(self.file(&format!("{IMAGES}.gz"))).unwrap() == self.images);
            assert!(fs::read(self.file(&format!("{LABELS}.gz"))).unwrap() == self.labels);
            assert_eq!(fs::read_dir(self.file("")).unwrap().count(), 2, "nothing else is left");
        }
    }

    #[test]
    fn both_files_and_only_once() {
        let served = Served::new();
        let (url, server) = serve([whole(&served.images), whole(&served.labels)]);
        served.assert_loaded(&served.loads(&[&url]));
        let requests = server.join().unwrap();
        assert!(requests[0].starts_with("get /train-images-idx3-ubyte.gz "), "{requests:?}");
        assert!(requests[1].starts_with("get /train-labels-idx1-ubyte.gz "), "{requests:?}");
        served.assert_loaded(&served.loads(&[&url])); // the server is gone
    }

    #[test]
    fn another_mirror_stands_in() {
        let served = Served::new();
        let missing = answer("404 Not Found", "", 0, &[]);
        let mut wrong = served.labels.clone();
        wrong[20] ^= 1;
        let (first, _server) = serve([missing, whole(&wrong)]);
        let (second, server) = serve([whole(&served.images), whole(&served.labels)]);
        served.assert_loaded(&served.loads(&[&first, &second]));
        assert_eq!(server.join().unwrap().len(), 2);

        // When all fail, the first one's answer is told, and what arrived damaged is not kept.
        let served = Served::new();
        let (first, _server) = serve([whole(b"something else")]);
        let (second, _server) = serve([answer("503 Service Unavailable", "", 0, &[])]);
        let printed = served.loads(&[&first, &second]);
        assert!(printed.contains("refused http://") && printed.contains("a file with the MD5 checksum"), "{printed}");
        assert!(!served.file(&format!("{IMAGES}.gz")).exists() && !served.file(&format!("{IMAGES}.gz.part")).exists());
    }

    #[test]
    fn what_one_server_began_another_ends() {
        let served = Served::new();
        let half = served.images.len() / 2;
        let cut = answer("200 OK", "", served.images.len(), &served.images[..half]);
        let (first, _server) = serve([cut, whole(&served.labels)]);
        let (second, server) = serve([rest(&served.images, half)]);
        served.assert_loaded(&served.loads(&[&first, &second]));
        assert!(server.join().unwrap()[0].contains(&format!("range: bytes={half}-\r\n")));
    }
}

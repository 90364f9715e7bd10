//! MNIST and what comes in its format: pictures of 28x28 in gray, in four files.
//!
//! Sources: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", 1998,
//! <http://yann.lecun.com/exdb/mnist/>; Xiao, Rasul & Vollgraf, "Fashion-MNIST", 2017,
//! <https://github.com/zalandoresearch/fashion-mnist>.

mod files;
mod format;

pub use files::MnistFiles;

use super::{Dataset, News};
use crate::error::Result;
use std::path::Path;

/// 70,000 handwritten digits, of 32x32 pixels with their black frame, as red, green and blue of the same value.
pub struct Mnist;

/// 70,000 pieces of clothing in the same format.
pub struct FashionMnist;

impl Mnist {
    /// What the training pictures are called.
    pub const NAME: &str = "MNIST";
    /// The names of its classes.
    pub const CLASSES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    /// Where its files come from. The official server is no longer open to everyone; these two hold the same files, as their
    /// checksums show.
    pub const FILES: MnistFiles<'static> = MnistFiles {
        name: Self::NAME,
        folder: "mnist",
        mirrors: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ],
        md5: [
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ],
        classes: &Self::CLASSES,
    };
}

impl FashionMnist {
    /// What the training pictures are called.
    pub const NAME: &str = "Fashion-MNIST";
    /// The names of its classes.
    pub const CLASSES: [&str; 10] =
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];
    /// Where its files come from: the official server, and the authors' repository.
    pub const FILES: MnistFiles<'static> = MnistFiles {
        name: Self::NAME,
        folder: "fashion-mnist",
        mirrors: &[
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ],
        md5: [
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ],
        classes: &Self::CLASSES,
    };
}

/// What both have; `load` and `load_test`, which print their news, are in progress.
macro_rules! loads {
    ($set:ident) => {
        impl $set {
            /// [`load`](Self::load) for a program with a screen of its own: it prints nothing and hands its [`News`] to `news`.
            ///
            /// # Errors
            /// As [`load`](Self::load).
            pub fn load_with(news: &mut dyn FnMut(News)) -> Result<Dataset> {
                Self::FILES.load_with(news)
            }

            /// [`load_test`](Self::load_test), with its [`News`] handed to `news`.
            ///
            /// # Errors
            /// As [`load`](Self::load).
            pub fn load_test_with(news: &mut dyn FnMut(News)) -> Result<Dataset> {
                Self::FILES.load_test_with(news)
            }

            /// The 60,000 training pictures from the folder with the four files, or from one that holds that folder.
            ///
            /// # Errors
            /// As [`MnistFiles::load_from`].
            pub fn load_from(path: impl AsRef<Path>) -> Result<Dataset> {
                Self::FILES.load_from(path)
            }

            /// The 10,000 test pictures from there.
            ///
            /// # Errors
            /// As [`MnistFiles::load_from`].
            pub fn load_test_from(path: impl AsRef<Path>) -> Result<Dataset> {
                Self::FILES.load_test_from(path)
            }
        }
    };
}

loads!(Mnist);
loads!(FashionMnist);

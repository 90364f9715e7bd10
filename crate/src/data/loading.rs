//! CIFAR-10, or drawn shapes if it can't be had.

use super::{Cifar10, Dataset, News, Shapes};
use crate::error::{Error, Result};

impl Dataset {
    /// [`load`](Self::load) for a program with a screen of its own: it prints nothing and hands its [`News`] to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    ///
    /// ```no_run
    /// use gan_nb::data::{Dataset, News};
    /// let data = Dataset::load_with(&mut |news| match news {
    ///     News::Downloading { bytes, .. } => eprintln!("{bytes} bytes"),
    ///     News::Shapes { reason } => eprintln!("{reason}"),
    ///     _ => {}
    /// })?;
    /// # Ok::<(), gan_nb::Error>(())
    /// ```
    pub fn load_with(news: &mut dyn FnMut(News)) -> Result<Self> {
        let cifar10 = Cifar10::load_with(news);
        or_shapes(cifar10, news, || Shapes::generate(10_000, 0))
    }

    /// [`load_train_and_test`](Self::load_train_and_test), with its [`News`] handed to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_train_and_test_with(news: &mut dyn FnMut(News)) -> Result<(Self, Self)> {
        let cifar10 = Cifar10::load_with(news).and_then(|train| Ok((train, Cifar10::load_test_with(news)?)));
        or_shapes(cifar10, news, || Ok((Shapes::generate(10_000, 0)?, Shapes::generate(2_000, 1)?)))
    }
}

/// Drawn shapes if CIFAR-10 could not be downloaded.
fn or_shapes<T>(cifar10: Result<T>, news: &mut dyn FnMut(News), shapes: impl FnOnce() -> Result<T>) -> Result<T> {
    match cifar10 {
        Err(reason @ Error::Download { .. }) => {
            news(News::Shapes { reason: &reason });
            shapes()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_come_only_for_a_failed_download_and_with_news() {
        let told = |error: Error| {
            let mut heard = Vec::new();
            let got = or_shapes(Err(error), &mut |news| heard.push(format!("{news:?}")), || Ok("shapes"));
            (got.ok(), heard)
        };
        let [url, found, expected, hint] = ["u", "no answer", "the file", "Try again."].map(String::from);
        let (got, heard) = told(Error::Download { url, found, expected, hint });
        assert_eq!((got, heard.len()), (Some("shapes"), 1));
        assert!(heard[0].starts_with("Shapes") && heard[0].contains("no answer"), "{heard:?}");
        assert_eq!(told(Error::value("x", 1, "2", "Hm.")), (None, vec![]));
    }
}

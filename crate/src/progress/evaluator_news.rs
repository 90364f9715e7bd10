//! Making an evaluator ready from a cell: how far its classifier's training has come. The words are Spanish: they belong to the
//! lesson.

use super::data_news;
use crate::Result;
use crate::data::Dataset;
use crate::metrics::{Evaluator, News, Recipe};

impl Evaluator {
    /// The evaluator of CIFAR-10, whose real images are the 10,000 of the test set. The first time its classifier is trained,
    /// which takes a few minutes and prints a line each tenth; then it is kept in the user's cache folder.
    ///
    /// # Errors
    /// As [`Evaluator::cifar10_with`].
    pub fn cifar10() -> Result<Self> {
        Self::cifar10_with(&mut printed())
    }

    /// The evaluator whose classifier learns from `train` and whose real images are `real`, kept and told of in the same way: for
    /// whatever [`Dataset::load_train_and_test`] gives.
    ///
    /// # Errors
    /// As [`Evaluator::load_or_train`].
    pub fn of(train: &Dataset, real: &Dataset) -> Result<Self> {
        Self::load_or_train(train, real, &Recipe::default(), &mut printed())
    }
}

fn printed() -> impl FnMut(News) {
    let (mut of_data, mut last) = (data_news::printed(), None);
    move |news| match news {
        News::Data(news) => of_data(news),
        news => {
            if let Some(line) = line(&news, &mut last) {
                println!("{line}");
            }
        }
    }
}

/// A line for each tenth of the training, and one where its result is not kept. `last` is the tenth that has its line.
fn line(news: &News, last: &mut Option<usize>) -> Option<String> {
    match *news {
        News::Data(_) => None,
        News::Training { step, steps } => {
            let tenth = 10 * step / steps.max(1);
            (last.replace(tenth) != Some(tenth))
                .then(|| format!("Entrenando el clasificador que mide: {} %", 10 * tenth))
        }
        News::NotKept { reason } => {
            Some(format!("Aviso: el clasificador no se guarda y se entrenará otra vez ({reason})"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::Error;
    use crate::metrics::News;

    #[test]
    fn a_line_each_tenth_and_one_where_it_is_not_kept() {
        let mut last = None;
        let lines =
            (1..=200).filter_map(|step| line(&News::Training { step, steps: 200 }, &mut last)).collect::<Vec<_>>();
        assert_eq!(lines.len(), 11);
        assert_eq!(
            (&*lines[0], &*lines[10]),
            ("Entrenando el clasificador que mide: 0 %", "Entrenando el clasificador que mide: 100 %")
        );
        let reason = Error::value("x", 1, "2", "Hm.");
        let line = line(&News::NotKept { reason: &reason }, &mut last).unwrap();
        assert!(line.starts_with("Aviso: ") && line.contains("x is 1"), "{line}");
    }
}

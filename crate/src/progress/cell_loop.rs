//! The live panel for a training loop that a cell writes itself.

use super::{Log, screen::Screen, spanish};
use crate::display::{Colour, Figure};
use crate::train::{MOST, Notice, PAUSE, max_steps};
use crate::{Error, Result, platform::stop_button as interrupt};
use std::time::Instant;
use tch::{Kind, Tensor};

/// Counts the steps of a training loop, shows how it goes and ends it early when the stop button is pressed.
///
/// Under the kernel `evcxr_live` it is a panel that moves, with each figure below it as it comes; under plain
/// evcxr_jupyter it is lines of text, and all figures when the run ends. GAN_NB_MAX_STEPS caps the steps.
///
/// ```
/// use gan_nb::{nn::{Adam, Dense, Optimizer, Sequential}, tch::{Kind, Tensor}, progress::Progress};
/// # fn main() -> gan_nb::Result<()> {
/// let mut model = Sequential::new("line", [1], 42);
/// model.add(Dense::new(1))?;
/// let mut adam = Adam::new(model.trainable_weights());
/// let x = Tensor::ones([8, 1], (Kind::Float, model.device()));
///
/// let mut run = Progress::new("y = 3", 20, &["error"])?;
/// while let Some(_step) = run.step() {
///     let loss = (model.forward(&x, true)? - 3.0).square().mean(Kind::Float);
///     adam.minimize(&loss)?;
///     run.record(&[&loss])?;
/// }
/// let log = run.finish()?;
/// assert!(log.series("error")?[0] > log.last()[0]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Progress {
    log: Log,
    /// Losses that a GPU still has, each row (names) with its step: reading them one by one would keep it waiting.
    unread: Vec<(usize, Tensor)>,
    read_at: Instant,
    screen: Screen,
    /// From the first step on: when it began, and what answers the stop button while a step lasts.
    running: Option<(Instant, interrupt::Listener)>,
    /// Whether a step was given out that has not ended yet.
    in_step: bool,
}

impl Progress {
    /// A run of so many steps that records losses of these names: at most six, short enough to stand beside a small
    /// plot. The words that a page sees should be the lesson's: Spanish.
    ///
    /// # Errors
    /// [`Error::Value`] for no steps, for no names or more than six, for a name given twice.
    pub fn new(title: &str, steps: usize, names: &[&str]) -> Result<Self> {
        if steps == 0 {
            return Err(Error::value("steps", steps, "1 or more", "Say how often the loop is to run."));
        }
        if names.is_empty() || names.len() > Colour::ALL.len() {
            let hint = "Record what one plot can hold, each with a colour of its own.";
            return Err(Error::value("the number of names", names.len(), format!("1 to {}", Colour::ALL.len()), hint));
        }
        if let Some((_, twice)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
            return Err(Error::value("names", format!("{twice:?} twice"), "each name once", "Rename one of the two."));
        }
        let log = Log {
            title: title.into(),
            planned: capped(steps)?,
            done: 0,
            names: names.iter().map(ToString::to_string).collect(),
            steps: Vec::new(),
            values: vec![Vec::new(); names.len()],
            reference: None,
            seconds: 0.0,
        };
        let (unread, screen) = (Vec::new(), Screen::default());
        Ok(Self { log, unread, read_at: Instant::now(), screen, running: None, in_step: false })
    }

    /// Adds a horizontal line to compare with, such as ln 2.
    #[must_use]
    pub fn reference(mut self, value: f64, name: &str) -> Self {
        self.log.reference = Some((value, name.into()));
        self
    }

    /// The next step, counted from 0; `None` when all are done or the stop button was pressed.
    pub fn step(&mut self) -> Option<usize> {
        self.running.get_or_insert_with(|| (Instant::now(), interrupt::Listener::start(self.screen.stop_sign())));
        if self.in_step {
            self.end_step();
            let log = &self.log;
            self.screen.iteration(log.done, log.planned, || log.report());
        }
        self.in_step = self.log.done < self.log.planned && !interrupt::requested();
        self.in_step.then_some(self.log.done)
    }

    fn end_step(&mut self) {
        self.log.done += 1;
        self.log.seconds = self.running.as_ref().map_or(0.0, |(started, _)| started.elapsed().as_secs_f64());
    }

    /// Records the step's losses, in the order of the names, each a tensor of one number. They leave the device together.
    ///
    /// # Errors
    /// [`Error::Value`] when there are not as many as names, or one holds more than one number.
    pub fn record(&mut self, losses: &[&Tensor]) -> Result<()> {
        self.check_count(losses.len())?;
        if let Some((name, loss)) = self.log.names.iter().zip(losses).find(|(_, loss)| loss.numel() != 1) {
            let found = format!("a tensor of shape {:?}", loss.size());
            return Err(Error::value(&format!("the loss {name:?}"), found, "one number", "Take the mean of it."));
        }
        let scalars = losses.iter().map(|loss| Ok(loss.f_detach()?.f_to_kind(Kind::Float)?.f_reshape([0i64; 0])?));
        let scalars = scalars.collect::<Result<Vec<_>>>()?;
        let row = Tensor::f_stack(&scalars, 0)?;
        let at_once = row.device() == tch::Device::Cpu;
        self.unread.push((self.log.done, row));
        if at_once || self.unread.len() == MOST || self.read_at.elapsed() >= PAUSE { self.read() } else { Ok(()) }
    }

    /// Takes what is unread from the device, in one transfer.
    fn read(&mut self) -> Result<()> {
        let (steps, rows): (Vec<_>, Vec<_>) = self.unread.drain(..).unzip();
        self.read_at = Instant::now();
        if rows.is_empty() {
            return Ok(());
        }
        let mut numbers = vec![0f32; rows.len() * self.log.names.len()];
        let together = Tensor::f_stack(&rows, 0)?.f_to_device(tch::Device::Cpu)?;
        together.f_copy_data(&mut numbers, together.numel())?;
        for (step, row) in steps.into_iter().zip(numbers.chunks_exact(self.log.names.len())) {
            self.log.push(step, row);
        }
        Ok(())
    }

    /// The same for numbers that are at hand already.
    ///
    /// # Errors
    /// [`Error::Value`] when there are not as many as names.
    pub fn record_numbers(&mut self, numbers: &[f32]) -> Result<()> {
        self.check_count(numbers.len())?;
        self.read()?;
        self.log.push(self.log.done, numbers);
        Ok(())
    }

    fn check_count(&self, given: usize) -> Result<()> {
        let names = &self.log.names;
        if given == names.len() {
            return Ok(());
        }
        let expected = format!("{} for {names:?}", names.len());
        Err(Error::value("what is recorded", format!("{given} losses"), expected, "Give one for each name, in order."))
    }

    /// Shows a figure with a caption: at once, or in a film of all when the run ends where the kernel can't.
    ///
    /// # Errors
    /// None today.
    pub fn show(&mut self, caption: &str, figure: Figure) -> Result<()> {
        self.screen.show(vec![(caption.into(), figure)]);
        Ok(())
    }

    /// Ends the run, whole or not, and gives its record. A run that is dropped without was cut off, and its panel says
    /// so.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn finish(mut self) -> Result<Log> {
        self.read()?;
        // A loop that was left by `break` after its record was in a step that counts.
        if self.in_step && self.log.steps.last() == Some(&self.log.done) {
            self.end_step();
        }
        self.screen.finish(self.log.report());
        let log = &self.log;
        if log.done < log.planned {
            println!("{}", spanish::stopped(log.done, log.planned));
        }
        Ok(self.log)
    }
}

/// As many steps as asked for, or as GAN_NB_MAX_STEPS allows, which is then said.
fn capped(planned: usize) -> Result<usize> {
    let Some(cap) = max_steps()?.filter(|cap| *cap < planned) else { return Ok(planned) };
    println!("{}", spanish::notice(&Notice::Capped { planned, cap }));
    Ok(cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As on a GPU, where rows wait for one another.
    #[test]
    fn losses_read_together_are_those_read_one_by_one() {
        let scalar = |value: f64| Tensor::from_slice(&[value as f32]).reshape([0i64; 0]);
        let logs = [false, true].map(|left_on_the_device| {
            let mut run = Progress::new("one by one", 4, &["a", "b"]).unwrap();
            while let Some(step) = run.step() {
                let (a, b) = (step as f64, 10.0 * step as f64);
                if step == 2 {
                    run.record_numbers(&[a as f32, b as f32]).unwrap();
                } else if left_on_the_device {
                    run.unread.push((step, Tensor::stack(&[scalar(a), scalar(b)], 0)));
                } else {
                    run.record(&[&scalar(a), &scalar(b)]).unwrap();
                }
            }
            run.finish().unwrap()
        });
        for log in logs {
            assert_eq!(log.steps, [0, 1, 2, 3]);
            assert_eq!(log.values, [[0.0, 1.0, 2.0, 3.0], [0.0, 10.0, 20.0, 30.0]]);
        }
    }
}

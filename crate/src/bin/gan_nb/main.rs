//! The command line: the lesson's training without a notebook.

mod bench;
mod data;
mod evaluate;
mod output;
mod paths;
mod place;
mod precision;
mod sample;
mod train;
mod watcher;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Trains, samples, measures and times the lesson's GAN")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The pictures to learn from: CIFAR-10, MNIST or photos of your own
    #[command(subcommand)]
    Data(data::Data),
    /// Train the two networks; Ctrl-C ends it well, with what was learned saved
    Train(train::Train),
    /// Draw images with a trained generator
    Sample(sample::Sample),
    /// Measure how good a trained generator's images are
    Evaluate(evaluate::Evaluate),
    /// Time the training on this machine
    Bench(bench::Bench),
}

fn main() -> Result<()> {
    let outcome = match Arguments::parse().command {
        Command::Data(command) => data::run(&command),
        Command::Train(arguments) => train::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    outcome.or_else(|error| if output::is_unread(&error) { Ok(()) } else { Err(error) })
}

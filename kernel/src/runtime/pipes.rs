//! The cells' pipes: named ones, in the kernel's own folder, so that a process that replaces a killed one finds them too.

use anyhow::{Context, Result};
use nix::{
    sys::stat::Mode,
    unistd::{dup2_stderr, dup2_stdin, dup2_stdout, mkfifo},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, stdin, stdout},
    os::fd::AsFd,
    path::{Path, PathBuf},
};

/// One of the pipes between the front and the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    Stdin,
    Stdout,
    Stderr,
    Notes,
}

impl Pipe {
    pub const ALL: [Self; 4] = [Self::Stdin, Self::Stdout, Self::Stderr, Self::Notes];

    pub fn path(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Stdin => "stdin",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Notes => "notes",
        })
    }

    /// Opens it for reading and writing, so that neither opening nor reading depends on whether somebody has the other end.
    pub fn open(self, folder: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(self.path(folder))
    }
}

/// Makes the pipes in `folder`.
///
/// # Errors
/// When the file system has no named pipes, or the folder can't be written to.
pub fn make_pipes(folder: &Path) -> Result<()> {
    for pipe in Pipe::ALL {
        let path = pipe.path(folder);
        mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).with_context(|| format!("making the pipe {}", path.display()))?;
    }
    Ok(())
}

/// Takes evcxr's orders and answers out of the cells' reach, and gives the cells their own pipes instead. Programs that
/// cells start don't inherit evcxr's, so that evcxr notices at once when this process ends.
pub fn take_evcxrs(folder: &Path) -> Result<(File, File)> {
    let orders = File::from(stdin().as_fd().try_clone_to_owned()?);
    let answers = File::from(stdout().as_fd().try_clone_to_owned()?);
    let open = |pipe: Pipe, write: bool| {
        let path = pipe.path(folder);
        OpenOptions::new().read(!write).write(write).open(&path).with_context(|| format!("opening {}", path.display()))
    };
    dup2_stdin(open(Pipe::Stdin, false)?)?;
    dup2_stdout(open(Pipe::Stdout, true)?)?;
    dup2_stderr(open(Pipe::Stderr, true)?)?;
    Ok((orders, answers))
}

pub fn open_notes(folder: &Path) -> Option<File> {
    OpenOptions::new().write(true).open(Pipe::Notes.path(folder)).ok()
}

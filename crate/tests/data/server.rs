//! A real HTTP server on this machine that answers as a test tells it to, and a file to fetch from it.
#![allow(dead_code, clippy::unwrap_used)] // Each test file uses its own part of this.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use gan_nb::data::fetch;
use tempfile::TempDir;

/// What the server does on a connection when it has read the request.
pub enum Answer {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// The same in so many pieces, with a pause before each.
    Trickle(Vec<u8>, usize, Duration),
    /// Sends these bytes, says no more, and waits until the other side hangs up.
    ThenSilence(Vec<u8>),
    /// Sends the first bytes, makes the file [`asked`] beside this one, waits until this one is there, and sends the others.
    Gate(Vec<u8>, PathBuf, Vec<u8>),
}

impl From<Vec<u8>> for Answer {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Answer {
    fn give(self, stream: &mut TcpStream) -> std::io::Result<()> {
        match self {
            Self::Bytes(bytes) => stream.write_all(&bytes),
            Self::Trickle(bytes, pieces, pause) => bytes.chunks(bytes.len().div_ceil(pieces)).try_for_each(|piece| {
                thread::sleep(pause);
                stream.write_all(piece)
            }),
            Self::ThenSilence(bytes) => {
                stream.write_all(&bytes)?;
                stream.read(&mut [0]).map(drop)
            }
            Self::Gate(first, gate, others) => {
                stream.write_all(&first)?;
                fs::write(asked(&gate), "")?;
                while !gate.exists() {
                    thread::sleep(Duration::from_millis(10));
                }
                stream.write_all(&others)
            }
        }
    }
}

/// What tells that the server has come to this gate.
pub fn asked(gate: &Path) -> PathBuf {
    gate.with_extension("asked")
}

/// Answers one connection after another with `answers`, then gives back the requests it met, in small letters.
pub fn serve<A: Into<Answer>>(answers: impl IntoIterator<Item = A>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/cifar.tar.gz", listener.local_addr().unwrap());
    let answers: Vec<Answer> = answers.into_iter().map(Into::into).collect();
    let answer_all = move || {
        let answer = |answer: Answer| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let _ = answer.give(&mut stream); // the other side may have heard enough
            String::from_utf8(head).unwrap().to_lowercase()
        };
        answers.into_iter().map(answer).collect()
    };
    (url, thread::spawn(answer_all))
}

/// An answer that promises `length` bytes and sends `body`.
pub fn answer(status: &str, more: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n");
    [head.as_bytes(), body].concat()
}

pub fn whole(body: &[u8]) -> Vec<u8> {
    answer("200 OK", "", body.len(), body)
}

/// The answer to `Range: bytes=from-`.
pub fn rest(body: &[u8], from: usize) -> Vec<u8> {
    let range = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
    answer("206 Partial Content", &range, body.len() - from, &body[from..])
}

/// The answer to a `Range` that begins at or after the end of a file of this length.
pub fn no_more_than(length: usize) -> Vec<u8> {
    answer("416 Range Not Satisfiable", &format!("Content-Range: bytes */{length}\r\n"), 0, &[])
}

/// A file to serve, and where it shall go.
pub struct Case {
    pub body: Vec<u8>,
    pub md5: String,
    folder: PathBuf,
    _dir: Option<TempDir>,
}

impl Case {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { folder: dir.path().into(), _dir: Some(dir), ..Self::in_folder(Path::new("")) }
    }

    /// The same in a folder of the test's own.
    pub fn in_folder(folder: &Path) -> Self {
        let body: Vec<u8> = (0..300_000_u32).map(|i| (i.wrapping_mul(i) / 7) as u8).collect();
        Self { md5: format!("{:x}", md5::compute(&body)), body, folder: folder.into(), _dir: None }
    }

    pub fn target(&self) -> PathBuf {
        self.folder.join("new/folder/cifar.tar.gz")
    }

    pub fn part(&self) -> PathBuf {
        self.folder.join("new/folder/cifar.tar.gz.part")
    }

    pub fn write_part(&self, bytes: &[u8]) {
        fs::create_dir_all(self.part().parent().unwrap()).unwrap();
        fs::write(self.part(), bytes).unwrap();
    }

    pub fn fetch(&self, url: &str) -> gan_nb::Result<()> {
        fetch(url, &self.md5, &self.target(), &mut |_, _| ())
    }

    pub fn assert_done(&self) {
        assert!(fs::read(self.target()).unwrap() == self.body, "not the file that was served");
        assert!(!self.part().exists());
    }

    /// Fails unless not even a folder was left.
    pub fn assert_nothing_left(&self) {
        assert_eq!(fs::read_dir(&self.folder).unwrap().count(), 0);
    }

    /// Fails unless neither the file nor a part of it is there.
    pub fn assert_no_file(&self) {
        assert!(!self.target().exists() && !self.part().exists());
    }
}

//! A resumable download, verified before it is renamed into place.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::{Response, header};
use ureq::{Agent, Body};

use crate::error::{Error, Result};
use crate::platform::atomic_file::open_alone;
use crate::platform::stop_button as interrupt;

/// How long to wait for a connection: a notebook without a network should soon continue.
const CONNECT: Duration = Duration::from_secs(4);
/// How long a connected server may stay silent.
const SILENCE: Duration = Duration::from_secs(30);
const BUFFER: usize = 1 << 16;
/// What to do if the disk refuses.
const DISK_HINT: &str =
    "Check that there is room and that you may write to the folder, or name another one in GAN_NB_DATA.";

/// Downloads `url` to `target`, creating its folder.
///
/// The bytes go to `<target>.part`, which a later call resumes (HTTP `Range`). The file gets its name only when it is
/// complete and has the MD5 checksum `md5` (32 hexadecimal digits). `progress` gets the bytes so far and, if the server
/// says, of how many.
///
/// # Errors
/// - [`Error::Download`] if the server can't be reached, doesn't send the file, or closes the connection early, in
///   which case the part is kept; also if the checksum is wrong, and then the part is deleted.
/// - [`Error::Stopped`] at the notebook's stop button; the part is kept.
/// - [`Error::Io`] if the disk refuses; the part is deleted if the disk is full and kept otherwise.
pub fn fetch(url: &str, md5: &str, target: &Path, progress: &mut dyn FnMut(u64, Option<u64>)) -> Result<()> {
    let part = part_of(target);
    let Some(Begun { response, mut file, have }) = begin(url, target, &part)? else { return Ok(()) };
    let finish = || {
        if let Some(response) = response {
            file.set_len(have).map_err(Error::io(&part, "shorten the file", DISK_HINT))?;
            file.seek(SeekFrom::End(0)).map_err(Error::io(&part, "write the file", DISK_HINT))?;
            receive(response, url, &mut file, &part, have, progress)?;
        }
        check(url, md5, &mut file, &part)?;
        file.sync_all().map_err(Error::io(&part, "write the file", DISK_HINT))?;
        fs::rename(&part, target).map_err(Error::io(target, "rename the download", DISK_HINT))
    };
    finish().map_err(|error| without_part_if_full(error, &part))
}

/// [`fetch`] from the first of several servers that has the file. Each goes on with what the ones before it sent.
///
/// # Errors
/// As [`fetch`]; of servers that all let it down the first one's, which is the official one.
pub(super) fn fetch_from(
    mirrors: &[String],
    md5: &str,
    target: &Path,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<()> {
    let mut refusal = None;
    for url in mirrors {
        match fetch(url, md5, target, progress) {
            Err(error @ Error::Download { .. }) => refusal = refusal.or(Some(error)),
            other => return other,
        }
    }
    refusal.map_or(Ok(()), Err)
}

/// The server's response (`None` if the part is already complete), and the part, of which `have` bytes are kept.
struct Begun {
    response: Option<Response<Body>>,
    file: File,
    have: u64,
}

/// Requests what the part lacks, and opens it. `None` if another program finished the download meanwhile.
fn begin(url: &str, target: &Path, part: &Path) -> Result<Option<Begun>> {
    let there_before = target.exists();
    for _ in 0..3 {
        let found = fs::metadata(part).map_or(0, |data| data.len());
        let mut have = found;
        let response = request(url, target, &mut have)?;
        let file = open_part(part)?;
        if !there_before && target.exists() {
            return Ok(None);
        }
        if is_unchanged(part, &file, found) {
            return Ok(Some(Begun { response, file, have }));
        }
    }
    Err(in_use(part))
}

/// Whether the part is still what it was when the rest was requested: before it was locked, another program may have
/// written to it, or finished and renamed it.
fn is_unchanged(part: &Path, file: &File, length: u64) -> bool {
    let (Ok(named), Ok(opened)) = (fs::metadata(part), file.metadata()) else { return false };
    opened.len() == length && (named.dev(), named.ino()) == (opened.dev(), opened.ino())
}

/// Deletes the part if the disk is full: leaving it full would hurt everything else that writes to it.
fn without_part_if_full(error: Error, part: &Path) -> Error {
    match error {
        Error::Io { path, action, source, .. }
            if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) =>
        {
            let deleted = match fs::remove_file(part) {
                Ok(()) => "The part that had arrived was deleted, so the disk is not left full.".to_string(),
                Err(error) => format!("The part that had arrived can't be deleted ({error})."),
            };
            let hint =
                format!("{deleted} Free some space, or name a folder elsewhere in GAN_NB_DATA, and run this again.");
            Error::Io { path, action, source, hint }
        }
        error => error,
    }
}

fn part_of(target: &Path) -> PathBuf {
    let mut name = OsString::from(target);
    name.push(".part");
    name.into()
}

/// Requests what follows the first `have` bytes, setting `have` to 0 if the server starts from the beginning. `None` if
/// the part turns out to be complete.
fn request(url: &str, target: &Path, have: &mut u64) -> Result<Option<Response<Body>>> {
    let config = Agent::config_builder().http_status_as_error(false);
    let config = config.timeout_resolve(Some(CONNECT)).timeout_connect(Some(CONNECT));
    // For the response's head, and for each read of the body: a slow server may take as long as it needs in all.
    let config = config.timeout_recv_response(Some(SILENCE)).timeout_per_read(Some(SILENCE));
    let agent = Agent::new_with_config(config.build());
    let name = target.file_name().unwrap_or_default().display();
    let folder = target.parent().unwrap_or(target).display();
    let refused = |found: String| Error::Download {
        url: url.into(),
        found,
        expected: "the file".into(),
        hint: format!("Check the network and try again, or put {name} into {folder} by hand."),
    };
    loop {
        let mut request = agent.get(url);
        if *have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = request.call().map_err(|error| match error {
            ureq::Error::TooManyRedirects => refused("too many redirects".into()),
            error => refused(format!("no answer ({error})")),
        })?;
        match response.status().as_u16() {
            200 => *have = 0,
            206 if content_range(&response, 0) == Some(*have) => {}
            416 if *have > 0 && content_range(&response, 1) == Some(*have) => return Ok(None),
            // The part doesn't match what the server has: again, from the start.
            206 | 416 if *have > 0 => {
                *have = 0;
                continue;
            }
            _ => return Err(refused(format!("HTTP {}", response.status()))),
        }
        return Ok(Some(response));
    }
}

/// From `Content-Range: bytes START-END/TOTAL`, or `bytes */TOTAL`: START (`which` 0) or TOTAL (`which` 1).
fn content_range(response: &Response<Body>, which: usize) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let side = range.split('/').nth(which)?;
    side.split('-').next()?.parse().ok()
}

/// Opens the part for this process only: two notebooks writing to one file would corrupt it.
fn open_part(part: &Path) -> Result<File> {
    if let Some(folder) = part.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder, "create the folder", DISK_HINT))?;
    }
    open_alone(part, DISK_HINT)?.ok_or_else(|| in_use(part))
}

fn in_use(part: &Path) -> Error {
    let hint = "Wait until it is done, then run this again.";
    Error::file(part, "a download by another program", "no other download", hint)
}

fn receive(
    response: Response<Body>,
    url: &str,
    file: &mut File,
    part: &Path,
    have: u64,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<()> {
    let total = response.body().content_length().map(|rest| have + rest);
    let mut body = response.into_body().into_reader();
    let mut buffer = vec![0; BUFFER];
    let mut bytes = have;
    let reason = loop {
        progress(bytes, total);
        if interrupt::requested() {
            return Err(Error::Stopped {
                action: format!("the download of {url}"),
                found: format!("{} MB", bytes / 1_000_000),
                hint: "Run the cell again to resume it.".into(),
            });
        }
        match body.read(&mut buffer) {
            Ok(0) if total.is_none_or(|total| bytes >= total) => return Ok(()),
            Ok(0) => break "the server closed it".to_string(),
            Ok(n) => {
                file.write_all(&buffer[..n]).map_err(Error::io(part, "write the file", DISK_HINT))?;
                bytes += n as u64;
            }
            Err(error) => break error.to_string(),
        }
    };
    let all = total.map_or(String::new(), |total| format!(" of {total}"));
    Err(Error::Download {
        url: url.into(),
        found: format!("a connection lost after {bytes}{all} bytes ({reason})"),
        expected: "the whole file".into(),
        hint: format!("Run it again to resume it from {}.", part.display()),
    })
}

/// Checks the checksum of the whole file, and deletes the file if it is wrong, since resuming it could never succeed.
fn check(url: &str, md5: &str, file: &mut File, part: &Path) -> Result<()> {
    let unreadable = || Error::io(part, "read the file", DISK_HINT);
    file.rewind().map_err(unreadable())?;
    let mut sum = md5::Context::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer).map_err(unreadable())? {
            0 => break,
            n => sum.consume(&buffer[..n]),
        }
    }
    let found = format!("{:x}", sum.finalize());
    if found.eq_ignore_ascii_case(md5) {
        return Ok(());
    }
    fs::remove_file(part).map_err(Error::io(part, "delete the damaged download", "Delete it by hand."))?;
    Err(Error::Download {
        url: url.into(),
        found: format!("a file with the MD5 checksum {found}"),
        expected: md5.into(),
        hint: "It arrived damaged and was deleted: run this again.".into(),
    })
}

//! A safetensors file of float32 arrays with a note in JSON, and a checksum of it all.
//!
//! A file written by `write_whole` is there whole, but disks and copies damage files later, and safetensors itself can't tell.
//! The note therefore begins with the MD5 checksum of the file's bytes, in which the checksum's own digits count as zeros.

use crate::{Error, Result};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use tch::Tensor;

/// The one entry of the file's metadata. (More than one would come in a random order.)
const NOTE: &str = "gan_nb";
const NO_MD5: &str = "00000000000000000000000000000000";
/// How the checksum stands in the header, where JSON is a string in JSON.
const BEFORE_MD5: &[u8] = br#"{\"md5\":\""#;

/// What kind of file it is, in the words of messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// As "a checkpoint that gan_nb wrote".
    pub expected: &'static str,
    /// What to do when it is damaged.
    pub hint: &'static str,
}

#[derive(Serialize, Deserialize)]
struct Note<T> {
    md5: String,
    /// Whatever the note is of: the first files with one were those of runs.
    run: T,
}

/// The file's bytes. `path` is where it will be, for messages.
///
/// # Errors
/// [`Error::File`] for what can't be written so.
pub(crate) fn to_bytes(kind: Kind, path: &Path, arrays: &[(String, Tensor)], note: &impl Serialize) -> Result<Vec<u8>> {
    let Kind { expected, hint } = kind;
    let mut numbers = Vec::new();
    for (name, array) in arrays {
        let array = array.f_detach()?.f_to_device(tch::Device::Cpu)?.f_to_kind(tch::Kind::Float)?.f_contiguous()?;
        let mut values = vec![0f32; array.numel()];
        array.f_copy_data(&mut values, array.numel())?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        numbers.push((name, array.size().iter().map(|&size| size as usize).collect::<Vec<_>>(), bytes));
    }
    let refused = |error| Error::file(path, format!("{error}"), "float32 arrays", hint);
    let views = numbers.iter().map(|(name, shape, bytes)| {
        TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view))
    });
    let views: Vec<_> = views.collect::<Result<_, _>>().map_err(refused)?;
    let note = serde_json::to_string(&Note { md5: NO_MD5.into(), run: note })
        .map_err(|error| Error::file(path, error.to_string(), "a value for JSON", hint))?;
    let mut bytes = safetensors::serialize(views, &Some(HashMap::from([(NOTE.to_string(), note)]))).map_err(refused)?;
    let md5 = format!("{:x}", md5::compute(&bytes));
    let digits =
        md5_digits(&mut bytes).ok_or_else(|| Error::file(path, "no place for its checksum", expected, hint))?;
    digits.copy_from_slice(md5.as_bytes());
    Ok(bytes)
}

/// Where the checksum's digits are.
fn md5_digits(bytes: &mut [u8]) -> Option<&mut [u8]> {
    let header = bytes.get(..8 + header_length(bytes)?)?;
    let start = header.windows(BEFORE_MD5.len()).position(|window| window == BEFORE_MD5)? + BEFORE_MD5.len();
    bytes.get_mut(start..start + NO_MD5.len())
}

/// Bytes of the JSON that follows the first eight.
fn header_length(bytes: &[u8]) -> Option<usize> {
    u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?).try_into().ok().filter(|length| *length < usize::MAX - 8)
}

/// A file that was read and whose checksum is right.
#[derive(Debug)]
pub(crate) struct Arrays {
    kind: Kind,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Arrays {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when it can't be read or is damaged.
    pub fn read(kind: Kind, path: &Path) -> Result<Self> {
        let Kind { expected, hint } = kind;
        let mut bytes = fs::read(path).map_err(Error::io(path, "read the file", hint))?;
        let mut wanted = [0; NO_MD5.len()];
        let digits = md5_digits(&mut bytes).ok_or_else(|| Error::file(path, "no checksum", expected, hint))?;
        wanted.copy_from_slice(digits);
        digits.copy_from_slice(NO_MD5.as_bytes());
        let found = format!("{:x}", md5::compute(&bytes));
        if found.as_bytes() != wanted {
            let found = format!("a damaged file (its checksum is {found})");
            return Err(Error::file(
                path,
                found,
                format!("{}, as it says itself", String::from_utf8_lossy(&wanted)),
                hint,
            ));
        }
        let arrays = Self { kind, path: path.into(), bytes };
        arrays.parsed()?;
        Ok(arrays)
    }

    fn parsed(&self) -> Result<SafeTensors<'_>> {
        SafeTensors::deserialize(&self.bytes)
            .map_err(|error| Error::file(&self.path, format!("{error}"), "a whole safetensors file", self.kind.hint))
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The note.
    ///
    /// # Errors
    /// [`Error::File`] when it is another than expected.
    pub fn note<T: DeserializeOwned>(&self) -> Result<T> {
        parse_note(self.kind, &self.path, &self.bytes)
    }

    /// The array of this name, on the CPU. −1 in the shape is any size.
    ///
    /// # Errors
    /// [`Error::File`] when there is none, or one of another shape or type.
    pub fn get(&self, name: &str, shape: &[i64]) -> Result<Tensor> {
        let expected = format!("{name} of shape {shape:?} in float32");
        let refused = |found: String| Error::file(&self.path, found, &*expected, "It belongs to other networks.");
        let file = self.parsed()?;
        let Ok(view) = file.tensor(name) else { return Err(refused(format!("no {name}"))) };
        let found: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
        let fits = found.len() == shape.len() && found.iter().zip(shape).all(|(a, b)| a == b || *b == -1);
        if !fits || view.dtype() != Dtype::F32 {
            return Err(refused(format!("{name} of shape {found:?} in {:?}", view.dtype())));
        }
        Ok(Tensor::f_from_data_size(view.data(), &found, tch::Kind::Float)?)
    }
}

/// The note of the file at `path`, of which no more than the header is read: nothing is known of the rest.
///
/// # Errors
/// [`Error::Io`] or [`Error::File`] when it can't be read or is another than expected.
pub(crate) fn read_note<T: DeserializeOwned>(kind: Kind, path: &Path) -> Result<T> {
    let unreadable = || Error::io(path, "read the file", kind.hint);
    let mut file = File::open(path).map_err(unreadable())?;
    let size = file.metadata().map_err(unreadable())?.len();
    let mut header = vec![0; 8];
    file.read_exact(&mut header).map_err(unreadable())?;
    let length = header_length(&header).filter(|length| *length as u64 <= size);
    let length = length.ok_or_else(|| Error::file(path, "a header longer than the file", kind.expected, kind.hint))?;
    header.resize(8 + length, 0);
    file.read_exact(&mut header[8..]).map_err(unreadable())?;
    parse_note(kind, path, &header)
}

/// safetensors itself reads a header only with the numbers behind it.
fn parse_note<T: DeserializeOwned>(kind: Kind, path: &Path, bytes: &[u8]) -> Result<T> {
    #[derive(Deserialize)]
    struct Header {
        #[serde(rename = "__metadata__")]
        metadata: HashMap<String, String>,
    }
    let refused = |found: String| Error::file(path, found, kind.expected, kind.hint);
    let header = header_length(bytes).and_then(|length| bytes.get(8..8 + length)).unwrap_or_default();
    let header: Header = serde_json::from_slice(header).map_err(|error| refused(error.to_string()))?;
    let note = header.metadata.get(NOTE).ok_or_else(|| refused(format!("no note under \"{NOTE}\"")))?;
    Ok(serde_json::from_str::<Note<T>>(note).map_err(|error| refused(error.to_string()))?.run)
}

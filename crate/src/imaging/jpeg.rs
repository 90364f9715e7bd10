//! What of a JPEG file the decoder does not say: whether it ends too early, and whether its colours are a printer's.

use std::io::{self, BufRead, ErrorKind, Read};

/// The frame's colours, and whether the file is whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Jpeg {
    /// 1 for gray, 3 for colours, 4 for CMYK and its kin.
    pub components: u8,
    /// Whether the end of the image is there. What is cut off the decoder would fill with gray.
    pub is_whole: bool,
}

/// Reads the markers of a JPEG file from its beginning to the end of its first image. A photo within the photo, as cameras put
/// one into the metadata, is passed over.
///
/// # Errors
/// The reader's.
pub(super) fn inspect(reader: &mut impl BufRead) -> io::Result<Jpeg> {
    let mut found = Jpeg { components: 0, is_whole: false };
    match walk(reader, &mut found) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(found),
        Err(error) => Err(error),
        Ok(()) => Ok(Jpeg { is_whole: true, ..found }),
    }
}

fn walk(reader: &mut impl BufRead, found: &mut Jpeg) -> io::Result<()> {
    loop {
        // Up to the next marker: FF and something else than FF, 0 or a restart within the image's data.
        reader.skip_until(0xff)?;
        let marker = loop {
            match byte(reader)? {
                0xff => {}
                marker => break marker,
            }
        };
        match marker {
            0xd9 => return Ok(()),
            // Data, or markers without a length: a restart, the beginning.
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                let length = u64::from(u16::from_be_bytes([byte(reader)?, byte(reader)?])).saturating_sub(2);
                // The frame's header: precision, height, width, number of components. The other three of its row are tables.
                let is_frame = matches!(marker, 0xc0..=0xcf) && ![0xc4, 0xc8, 0xcc].contains(&marker);
                let mut rest = reader.by_ref().take(length);
                if is_frame {
                    let mut head = [0; 6];
                    rest.read_exact(&mut head)?;
                    found.components = head[5];
                }
                let left = rest.limit();
                if io::copy(&mut rest, &mut io::sink())? < left {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
        }
    }
}

fn byte(reader: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder};

    fn jpeg(components: u8) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = JpegEncoder::new(&mut file);
        // A whole JPEG in the metadata, whose end is not the photo's.
        encoder.set_exif_metadata(b"II*\0\x08\0\0\0\0\0\xff\xd8\xff\xd9".to_vec()).unwrap();
        let colours = if components == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
        let pixels: Vec<u8> = (0..40 * 40 * usize::from(components)).map(|i| (i * i / 7) as u8).collect();
        encoder.write_image(&pixels, 40, 40, colours).unwrap();
        file
    }

    #[test]
    fn only_a_whole_file_is_whole() {
        for components in [1, 3] {
            let whole = jpeg(components);
            let of = |bytes: &[u8]| inspect(&mut &*bytes).unwrap();
            assert_eq!(of(&whole), Jpeg { components, is_whole: true });
            assert!(of(&[&whole[..], b"what a phone adds"].concat()).is_whole);
            for length in 0..whole.len() {
                assert!(!of(&whole[..length]).is_whole, "{length} of {} bytes", whole.len());
            }
        }
    }
}

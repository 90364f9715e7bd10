//! Figures as GIF files.

use std::io::Cursor;

use image::codecs::gif::{GifEncoder, Repeat};
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, DynamicImage, Frame, ImageResult};

use crate::{Error, Result};

/// How thoroughly a frame's 256 colours are chosen, from 1 (best) to 30 (fastest): at 10 they look the same as at 1, in
/// a tenth of the time. A frame of no more colours keeps them all at any speed.
const SPEED: i32 = 10;

/// The GIF file of a PNG file; if that one is animated, the GIF plays the same frames for as long, over and over.
pub(super) fn encode(png: &[u8]) -> Result<Vec<u8>> {
    convert(png).map_err(|error| Error::Figure {
        figure: "GIF",
        found: format!("the encoder answered '{error}'"),
        hint: "Save it as .png, or draw a smaller figure".into(),
    })
}

fn convert(png: &[u8]) -> ImageResult<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut file, SPEED);
    let decoder = PngDecoder::new(Cursor::new(png))?;
    if decoder.is_apng()? {
        encoder.set_repeat(Repeat::Infinite)?;
        encoder.try_encode_frames(decoder.apng()?.into_frames())?;
    } else {
        encoder.encode_frame(Frame::new(DynamicImage::from_decoder(decoder)?.into_rgba8()))?;
    }
    drop(encoder);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use crate::display::{Animation, ImageGrid};
    use crate::imaging;
    use image::{AnimationDecoder, codecs::gif::GifDecoder};
    use std::io::Cursor;
    use tch::{Device, Kind, Tensor};

    #[test]
    fn a_gif_plays_what_the_png_plays() {
        let colours = Tensor::from_slice(&[255u8, 0, 0, 0, 255, 0, 9, 9, 9]).view([3, 1, 1, 3]);
        let grid = |i: i64| ImageGrid::new(1).scale(4).draw(&colours.narrow(0, i, 1)).unwrap();
        let figure = Animation::new(10).hold(1.5).draw(&[grid(0), grid(1), grid(2)]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.GIF");
        figure.save(&path).unwrap();

        let decoder = GifDecoder::new(Cursor::new(std::fs::read(&path).unwrap())).unwrap();
        let frames = decoder.into_frames().collect_frames().unwrap();
        let seen = frames.iter().map(|frame| (frame.buffer().get_pixel(3, 3).0, frame.delay().numer_denom_ms().0));
        let expected = [([255, 0, 0, 255], 100), ([0, 255, 0, 255], 100), ([9, 9, 9, 255], 1600)];
        assert_eq!(seen.collect::<Vec<_>>(), expected);
        assert!(frames.iter().all(|frame| frame.buffer().dimensions() == figure.size()));
    }

    #[test]
    fn a_still_figure_has_one_frame() {
        let image = Tensor::full([1, 2, 2, 3], 77, (Kind::Uint8, Device::Cpu));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("still.gif");
        ImageGrid::new(1).scale(1).draw(&image).unwrap().save(&path).unwrap();
        assert_eq!(imaging::open(&path).unwrap(), image);
    }
}

//! Photos of every mode, size and format, turned, animated and damaged.

use std::fs;
use std::io::Cursor;

use crate::common::photos::{BLUE, GREEN, RED, solid};
use crate::photos::{case, colours, is_near, load, skipped};
use gan_nb::data::{News, Photos};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{
    Delay, DynamicImage, Frame, GrayAlphaImage, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb,
    RgbImage, Rgba, RgbaImage,
};

#[test]
fn every_mode_becomes_three_channels() {
    let (_dir, photos) = case();
    let gray = |value| GrayImage::from_pixel(9, 9, Luma([value]));
    gray(90).save(photos.join("1 gray.png")).unwrap();
    gray(90).save(photos.join("2 gray.jpg")).unwrap();
    GrayAlphaImage::from_pixel(9, 9, LumaA([0, 51])).save(photos.join("3 gray glass.png")).unwrap();
    RgbaImage::from_pixel(9, 9, Rgba([200, 0, 0, 0])).save(photos.join("4 glass.webp")).unwrap();
    RgbaImage::from_pixel(9, 9, Rgba([0, 0, 200, 255])).save(photos.join("5 opaque.png")).unwrap();
    let deep = ImageBuffer::from_pixel(9, 9, Rgb([257 * 10_u16, 257 * 20, 257 * 30]));
    DynamicImage::ImageRgb16(deep).save(photos.join("6 deep.png")).unwrap();
    let found = colours(&load(&photos, 8).unwrap());
    let expected =
        [[90; 3], [90; 3], [204; 3], [255; 3], [0, 0, 200], [10, 20, 30]].map(|colour: [u8; 3]| colour.to_vec());
    assert_eq!(found.len(), 6);
    for (found, expected) in found.iter().zip(expected) {
        assert!(is_near(*found, expected.clone().try_into().unwrap()), "{found:?}, expected {expected:?}");
    }
}

/// A JPEG whose left half is red and whose right half is blue, with this EXIF orientation.
fn turned(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif[18] = orientation;
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new(&mut file);
    encoder.set_exif_metadata(exif).unwrap();
    RgbImage::from_fn(64, 64, |x, _| Rgb(if x < 32 { RED } else { BLUE })).write_with_encoder(encoder).unwrap();
    file
}

#[test]
fn a_photo_stands_as_the_camera_was_held() {
    let (_dir, photos) = case();
    // As it is; by 180°; by 90° clockwise; by 90° the other way: where the red half comes to be.
    for orientation in [1, 3, 6, 8] {
        fs::write(photos.join(format!("{orientation}.jpg")), turned(orientation)).unwrap();
    }
    let data = load(&photos, 16).unwrap();
    let at = |i: usize, y: i64, x: i64| {
        let pixel = data.images(&[i]).unwrap().select(1, y).select(1, x).reshape([-1]);
        Vec::<u8>::try_from(pixel).unwrap()[0] > 100
    };
    let is_red: Vec<[bool; 4]> = (0..4).map(|i| [at(i, 8, 2), at(i, 8, 13), at(i, 2, 8), at(i, 13, 8)]).collect();
    assert!(is_red[0][0] && !is_red[0][1], "as it is: {is_red:?}");
    assert!(!is_red[1][0] && is_red[1][1], "by 180°: {is_red:?}");
    assert!(is_red[2][2] && !is_red[2][3], "red above: {is_red:?}");
    assert!(!is_red[3][2] && is_red[3][3], "red below: {is_red:?}");
}

#[test]
fn of_an_animation_the_first_frame_is_read() {
    let (_dir, photos) = case();
    let mut file = fs::File::create(photos.join("moving.gif")).unwrap();
    let mut encoder = GifEncoder::new(&mut file);
    for colour in [GREEN, RED, BLUE] {
        let [r, g, b] = colour;
        let image = RgbaImage::from_pixel(12, 12, Rgba([r, g, b, 255]));
        encoder.encode_frame(Frame::from_parts(image, 0, 0, Delay::from_numer_denom_ms(100, 1))).unwrap();
    }
    drop(encoder);
    assert_eq!(colours(&load(&photos, 8).unwrap()), [GREEN]);
}

#[test]
fn odd_sizes() {
    let (_dir, photos) = case();
    solid(&photos.join("1 dot.png"), 1, 1, RED);
    // Cut to its middle, of which the wide rest is no part.
    RgbImage::from_fn(9_000, 3, |x, _| Rgb(if (4_498..4_502).contains(&x) { GREEN } else { RED }))
        .save(photos.join("2 long.png"))
        .unwrap();
    RgbImage::from_fn(2, 5_000, |_, y| Rgb(if (2_499..2_501).contains(&y) { BLUE } else { RED }))
        .save(photos.join("3 high.png"))
        .unwrap();
    assert_eq!(colours(&load(&photos, 64).unwrap()), [RED, GREEN, BLUE]);
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let noise = RgbImage::from_fn(64, 64, |x, y| Rgb([(x * x * y) as u8, (7 * x + y * y) as u8, (x ^ y) as u8]));
    let mut file = Cursor::new(Vec::new());
    noise.write_to(&mut file, format).unwrap();
    file.into_inner()
}

#[test]
fn what_can_not_be_read_is_named_and_ends_nothing() {
    let (_dir, photos) = case();
    solid(&photos.join("cats/good.png"), 8, 8, GREEN);
    solid(&photos.join("dogs/good.png"), 8, 8, BLUE);
    let write = |name: &str, bytes: &[u8]| {
        fs::create_dir_all(photos.join(name).parent().unwrap()).unwrap();
        fs::write(photos.join(name), bytes).unwrap();
    };
    let jpeg = encoded(ImageFormat::Jpeg);
    let png = encoded(ImageFormat::Png);
    write("cats/a cut off.jpg", &jpeg[..jpeg.len() / 2]);
    write("cats/b cut off.png", &png[..png.len() / 2]);
    write("cats/c empty.jpg", b"");
    write("cats/d words.jpeg", b"This is not a photo.");
    // The head of a JPEG with four components.
    let cmyk = [&b"\xff\xd8\xff\xc0\0\x14\x08\0\x08\0\x08\x04"[..], &[1, 0x11, 0].repeat(4), b"\xff\xd9"].concat();
    write("cats/e for print.jpg", &cmyk);
    write("cats/f phone.HEIC", b"whatever");
    fs::create_dir(photos.join("cats/g folder.jpg")).unwrap();
    // A class that has nothing else is none.
    write("birds/only.jpg", b"");

    let mut told = Vec::new();
    let mut taken = 0;
    let data = Photos::in_folder(&photos).size(8).kept_in(photos.parent().unwrap()).load_with(&mut |news| {
        if let News::Skipped { files, taken: count } = news {
            told = files.iter().map(ToString::to_string).collect();
            taken = count;
        }
    });
    let data = data.unwrap();
    assert_eq!((colours(&data), taken), (vec![GREEN, BLUE], 2));
    assert_eq!(data.class_names(), ["cats", "dogs"]);
    assert_eq!((data.label(0).unwrap(), data.label(1).unwrap()), (0, 1));
    assert_eq!(told, skipped(&data));
    let expected = [
        ("cats/f phone.HEIC", "a format that is not read here"),
        ("birds/only.jpg", "something else"),
        ("cats/a cut off.jpg", "a damaged image (the file ends too early)"),
        ("cats/b cut off.png", "a damaged image"),
        ("cats/c empty.jpg", "something else"),
        ("cats/d words.jpeg", "something else"),
        ("cats/e for print.jpg", "a JPEG in CMYK, a printer's colours"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, (file, reason)) in told.iter().zip(expected) {
        assert!(told.starts_with(file) && told.contains(reason), "{told:?}, expected {file}: {reason}");
    }
}

#[test]
fn a_wrong_extension_does_not_matter() {
    let (_dir, photos) = case();
    fs::write(photos.join("a.jpg"), encoded(ImageFormat::Png)).unwrap();
    fs::write(photos.join("b.png"), encoded(ImageFormat::WebP)).unwrap();
    let data = load(&photos, 64).unwrap();
    assert_eq!(data.images(&[0]).unwrap(), data.images(&[1]).unwrap());
    assert_eq!(data.len(), 2);
}

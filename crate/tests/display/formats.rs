//! Figures as files: the format is what the name says, or an error says which there are.

use gan_nb::display::{Animation, Figure, ImageGrid};
use tch::{Device, Kind, Tensor};

/// A red and a blue image of 8 × 8 pixels, with a transparent gap between them.
fn figure() -> Figure {
    let colours = Tensor::from_slice(&[200u8, 30, 30, 30, 30, 200]).view([2, 1, 1, 3]);
    ImageGrid::new(2).scale(1).gap(4).draw(&colours.repeat([1, 8, 8, 1])).unwrap()
}

fn extension_of(format: image::ImageFormat) -> &'static str {
    format.extensions_str()[0]
}

#[test]
fn each_format_is_written_by_its_extension() {
    let folder = tempfile::tempdir().unwrap();
    for extension in ["png", "PNG", "gif", "jpg", "jpeg", "Jpg", "webp", "bmp"] {
        let path = folder.path().join(format!("grid.{extension}"));
        figure().save(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let format = image::guess_format(&bytes).unwrap();
        let same = extension.to_lowercase().replace("jpeg", "jpg");
        assert_eq!(extension_of(format), same, "{extension}");
        let pixels = image::load_from_memory(&bytes).unwrap().into_rgba8();
        assert_eq!(pixels.dimensions(), figure().size(), "{extension}");
        let close = |x: u32, expected: [u8; 3]| {
            let found = pixels.get_pixel(x, 4).0;
            assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 20), "{extension}: {found:?} at {x}");
        };
        close(3, [200, 30, 30]);
        close(16, [30, 30, 200]);
        // JPEG has no transparency: the gap is white as a page is, not black.
        if same == "jpg" {
            close(9, [255; 3]);
        } else {
            assert_eq!(pixels.get_pixel(9, 4).0[3], 0, "{extension}: transparent");
        }
    }
    let plain = folder.path().join("grid");
    figure().save(&plain).unwrap();
    assert_eq!(std::fs::read(plain).unwrap(), figure().png(), "without an extension");
}

#[test]
fn other_extensions_are_refused_and_those_that_can_be_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for extension in ["tiff", "txt", "v2"] {
        let path = folder.path().join(format!("grid.{extension}"));
        let told = figure().save(&path).unwrap_err().to_string();
        let found =
            format!("{}: found the extension {extension}, expected png, gif, jpg, jpeg, webp or bmp", path.display());
        assert!(told.starts_with(&found), "{told}");
        assert!(!path.exists());
    }
}

#[test]
fn what_moves_is_written_only_as_what_can_move() {
    let frame =
        |grey: i64| ImageGrid::new(1).draw(&Tensor::full([1, 4, 4, 3], grey, (Kind::Uint8, Device::Cpu))).unwrap();
    let film = Animation::new(5).draw(&[frame(0), frame(255)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for extension in ["jpg", "bmp", "webp"] {
        let path = folder.path().join(format!("film.{extension}"));
        let told = film.save(&path).unwrap_err().to_string();
        assert!(told.contains("an animation") && told.contains("png or gif"), "{told}");
        assert!(!path.exists());
    }
    for extension in ["png", "gif"] {
        film.save(folder.path().join(format!("film.{extension}"))).unwrap();
    }
}

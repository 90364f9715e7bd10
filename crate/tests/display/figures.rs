//! Figures, read back from their PNG files.

use gan_nb::display::{Colour, Figure, ImageGrid, Panel, Series, curves, film, image_grid};
use tch::{Kind, Tensor};

struct Pixels {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

impl Pixels {
    fn of(figure: &Figure) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(figure.png())).read_info().unwrap();
        let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgba).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
        assert_eq!(figure.size(), (info.width, info.height));
        Self { width: info.width as usize, height: info.height as usize, rgba }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 4] {
        self.rgba[(y * self.width + x) * 4..][..4].try_into().unwrap()
    }

    /// Where a colour occurs.
    fn find(&self, [red, green, blue]: [u8; 3]) -> Vec<(usize, usize)> {
        let all = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        all.filter(|(x, y)| self.at(*x, *y) == [red, green, blue, 255]).collect()
    }

    /// Mean height of a colour within the plot: the names at the right have samples of it as well.
    fn level(&self, colour: Colour) -> f64 {
        let rows: Vec<_> =
            self.find(colour.rgb()).into_iter().filter(|at| at.0 < self.width / 2).map(|at| at.1).collect();
        assert!(!rows.is_empty(), "{colour:?} is not in the plot");
        rows.iter().sum::<usize>() as f64 / rows.len() as f64
    }
}

/// `count` different RGB images of `side` x `side` pixels.
fn images(count: i64, side: i64) -> Tensor {
    let bytes: Vec<u8> = (0..count * side * side * 3).map(|i| (i * 37 % 251) as u8).collect();
    Tensor::from_slice(&bytes).reshape([count, side, side, 3])
}

fn constant(y: f64, count: usize) -> impl Iterator<Item = (f64, f64)> {
    (0..count).map(move |x| (x as f64, y))
}

#[test]
fn a_grid_holds_each_pixel_enlarged() {
    let images = images(4, 3);
    let figure = ImageGrid::new(2).scale(5).gap(4).draw(&images).unwrap();
    let pixels = Pixels::of(&figure);
    assert_eq!((pixels.width, pixels.height), (34, 34));
    let source: Vec<u8> = Vec::try_from(images.flatten(0, -1)).unwrap();
    for y in 0..34 {
        for x in 0..34 {
            let ((column, dx), (row, dy)) = ((x / 19, x % 19), (y / 19, y % 19));
            let expected = if dx >= 15 || dy >= 15 {
                [0; 4]
            } else {
                let start = (((row * 2 + column) * 3 + dy / 5) * 3 + dx / 5) * 3;
                [source[start], source[start + 1], source[start + 2], 255]
            };
            assert_eq!(pixels.at(x, y), expected, "at {x}, {y}");
        }
    }
}

#[test]
fn a_short_last_row_is_transparent_and_a_short_first_row_has_no_empty_columns() {
    let pixels = Pixels::of(&ImageGrid::new(3).scale(1).gap(1).draw(&images(5, 4)).unwrap());
    assert_eq!((pixels.width, pixels.height), (14, 9));
    assert_eq!(pixels.at(8, 8)[3], 255);
    assert_eq!(pixels.at(13, 8), [0; 4]);
    assert_eq!(ImageGrid::new(3).scale(1).gap(1).draw(&images(2, 4)).unwrap().size(), (9, 4));
}

#[test]
fn a_five_by_five_grid_is_shown_at_three_times_its_size() {
    let figure = image_grid(&images(25, 32), 5).unwrap();
    assert_eq!((figure.size(), figure.css_width()), ((496, 496), 496));
    assert!(figure.to_html().contains("image-rendering:pixelated"));
    assert_eq!(figure.alt(), "25 images of 32 × 32 pixels in 5 rows of up to 5");
    assert_eq!(figure.text(), "[25 images of 32 × 32 pixels in 5 rows of up to 5]");
}

#[test]
fn bytes_and_floats_give_the_same_file() {
    let bytes = Tensor::arange(256, (Kind::Uint8, tch::Device::Cpu)).reshape([1, 16, 16, 1]).repeat([2, 1, 1, 3]);
    let floats = (bytes.to_kind(Kind::Float) - 127.5) / 127.5;
    assert_eq!(image_grid(&bytes, 2).unwrap().png(), image_grid(&floats, 2).unwrap().png());
}

#[test]
fn floats_beyond_the_range_are_cut_and_grey_is_grey() {
    let grey = Tensor::from_slice(&[-3.0f32, 0.0, 7.0]).reshape([1, 1, 3, 1]);
    let pixels = Pixels::of(&ImageGrid::new(1).scale(1).draw(&grey).unwrap());
    assert_eq!([pixels.at(0, 0), pixels.at(1, 0), pixels.at(2, 0)], [[0, 0, 0, 255], [128, 128, 128, 255], [255; 4]]);
}

#[test]
fn grids_refuse_what_they_cannot_show() {
    let message = |images: &Tensor, columns| image_grid(images, columns).unwrap_err().to_string();
    let good = images(2, 4);
    assert!(message(&good, 0).starts_with("columns is 0, expected at least 1"));
    let single = message(&good.get(0), 5);
    assert!(single.contains("[4, 4, 3]") && single.contains("unsqueeze(0)"), "{single}");
    let channels = message(&good.permute([0, 3, 1, 2]), 5);
    assert!(channels.contains("[2, 3, 4, 4]") && channels.contains("permute"), "{channels}");
    assert!(message(&good.narrow(0, 0, 0), 5).contains("[0, 4, 4, 3]"));
    assert!(message(&good.to_kind(Kind::Int64), 5).contains("Int64"));
    assert!(ImageGrid::new(1).scale(0).draw(&good).unwrap_err().to_string().starts_with("scale is 0"));
}

#[test]
fn a_line_is_drawn_where_its_values_are() {
    let at = |y| {
        let panel = Panel::new("Pérdidas", "nats").line("D", constant(y, 50), Colour::Blue).y_range(0.0, 1.0);
        Pixels::of(&curves("Título", "iteración", &[panel], "alt").unwrap()).level(Colour::Blue)
    };
    let (low, middle, high) = (at(0.25), at(0.5), at(0.75));
    assert!(high < middle && middle < low);
    // The plot is 260 CSS pixels high, twice that in the file.
    assert!((low - high - 260.0).abs() < 2.0, "{low} {high}");
}

#[test]
fn panels_stack_and_colours_keep_apart() {
    let panel = |colour| Panel::new("panel", "y").line("línea", constant(1.0, 50), colour);
    let figure = curves("", "x", &[panel(Colour::Orange), panel(Colour::Green)], "alt").unwrap();
    let pixels = Pixels::of(&figure);
    assert!(pixels.level(Colour::Orange) < pixels.level(Colour::Green));
    assert_eq!((figure.css_width() * 2, 1440), (figure.size().0, 1440));
    // A card with round corners: the notebook shows through them.
    assert_eq!((pixels.at(0, 0)[3], pixels.at(720, 0)), (0, [255; 4]));
}

#[test]
fn nan_and_infinity_are_left_out() {
    let holes = constant(0.5, 60).map(|(x, y)| match x as i32 % 4 {
        0 => (x, f64::NAN),
        1 => (x, f64::NEG_INFINITY),
        2 => (f64::INFINITY, y),
        _ => (x, y),
    });
    let kept = constant(0.5, 60).filter(|(x, _)| *x as i32 % 4 == 3);
    let draw = |points: Vec<_>| {
        curves("", "x", &[Panel::new("a", "b").line("c", points, Colour::Sky)], "alt").unwrap().png().to_vec()
    };
    assert_eq!(draw(holes.collect()), draw(kept.collect()));
}

#[test]
fn an_outlier_leaves_the_rest_readable() {
    let wave = |explosion: f64| {
        let points = (0..2000).map(move |x| (f64::from(x), if x == 1500 { explosion } else { f64::from(x % 2) }));
        let panel = Panel::new("G", "nats").line("alto", points, Colour::Green);
        Pixels::of(&curves("", "x", &[panel], "alt").unwrap()).find(Colour::Green.rgb())
    };
    // The mean is 0.5: half way up, whatever happened once; were the axis to hold 1e9, it would lie at the bottom.
    let row =
        |pixels: &[(usize, usize)]| pixels.iter().filter(|at| (200..700).contains(&at.0)).map(|at| at.1).max().unwrap();
    let (calm, exploded) = (wave(1.0), wave(1e9));
    assert!(row(&exploded).abs_diff(row(&calm)) < 60, "{} {}", row(&exploded), row(&calm));
    // The triangle over the edge tells of it.
    let top = |pixels: &[(usize, usize)]| pixels.iter().map(|at| at.1).min().unwrap();
    assert!(top(&exploded) + 100 < top(&calm), "{} {}", top(&exploded), top(&calm));
}

#[test]
fn smoothing_makes_a_noisy_line_calm() {
    let extent = |smoothing| {
        let points = (0..400).map(|x| (f64::from(x), f64::from(x % 2)));
        let series = Series { smoothing, ..Series::new("ruido", points, Colour::Vermillion) };
        let pixels =
            Pixels::of(&curves("", "x", &[Panel { series: vec![series], ..Panel::new("a", "b") }], "").unwrap());
        let inked = pixels.find(Colour::Vermillion.rgb());
        let rows = || inked.iter().filter(|at| at.0 < pixels.width / 2).map(|at| at.1);
        rows().max().unwrap() - rows().min().unwrap()
    };
    assert!(extent(true) < 100, "{}", extent(true));
    assert!(extent(false) > 400, "{}", extent(false));
}

#[test]
fn few_points_and_none_are_drawn() {
    for count in [0, 1, 2] {
        let panel = Panel::new("p", "y").line("l", constant(2.0, count), Colour::Purple).reference(0.693, "ln 2");
        let figure = curves("t", "x", &[panel], "alt").unwrap();
        let inked = Pixels::of(&figure).find(Colour::Purple.rgb()).into_iter().filter(|at| at.0 < 900).count();
        assert_eq!(inked > 0, count > 0, "{count} points");
        let last = if count == 0 { "n = 0" } else { "2.00" };
        assert_eq!(figure.text(), format!("t\np (y): l {last}"));
    }
}

#[test]
fn letters_of_spanish_are_in_the_font() {
    let draw = |title: &str| curves(title, "x", &[Panel::new("", "")], "").unwrap().png().to_vec();
    // A letter that a font lacks comes out as the same box as any other that it lacks.
    let missing = draw("\u{10FFFF}");
    for letter in "áéíóúüñÁÉÍÓÚÜÑ¿¡²×·–−€".chars() {
        assert_ne!(draw(&letter.to_string()), missing, "{letter}");
    }
    assert_ne!(draw("a"), draw("á"));
}

#[test]
fn plots_refuse_what_they_cannot_draw() {
    assert!(curves("t", "x", &[], "alt").unwrap_err().to_string().starts_with("panels is empty"));
    for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        let panel = Panel::new("Pérdidas", "y").y_range(low, high);
        let message = curves("t", "x", &[panel], "alt").unwrap_err().to_string();
        assert!(message.starts_with(&format!("the y_range of panel 'Pérdidas' is ({low}, {high})")), "{message}");
    }
}

#[test]
fn html_carries_the_picture_and_escapes_words() {
    let grid = |alt: &str| ImageGrid::new(1).alt(alt).draw(&images(1, 2)).unwrap();
    let figure = grid(r#"<a> & "b""#);
    let html = figure.to_html();
    assert!(html.contains(r#"alt="&lt;a&gt; &amp; &quot;b&quot;""#), "{html}");
    assert_eq!(figure.text(), r#"[<a> & "b"]"#);
    let data = html.split("base64,").nth(1).unwrap().split('"').next().unwrap();
    let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
    assert_eq!(decoded, figure.png());

    let film = film(&[("1000 [D loss: 0.53 | <x> & \"y\"]", grid("first")), ("2000 [D loss: 0.61]", grid("second"))]);
    assert!(film.to_html().contains("1000 [D loss: 0.53 | &lt;x&gt; &amp; &quot;y&quot;]"));
    assert_eq!(film.to_html().matches("<img ").count(), 2);
    assert_eq!(film.text(), "1000 [D loss: 0.53 | <x> & \"y\"]\n[first]\n2000 [D loss: 0.61]\n[second]");
}

#[test]
fn saving_writes_the_png_or_names_the_file() {
    let figure = image_grid(&images(1, 2), 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grid.png");
    figure.save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), figure.png());
    let missing = folder.path().join("missing").join("grid.png");
    assert!(figure.save(&missing).unwrap_err().to_string().starts_with(&missing.display().to_string()));
}

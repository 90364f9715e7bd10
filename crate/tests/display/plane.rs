//! Points in the plane over a heat map, read back from the PNG file.

use gan_nb::display::{Colour, Figure, Plane};
use tch::{Kind, Tensor};

/// Pixels of the file within the plot, as `((x, y), [r, g, b])`: legend and title left out.
fn plot(figure: &Figure) -> Vec<((f64, f64), [u8; 3])> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(figure.png())).read_info().unwrap();
    let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
    let width = reader.next_frame(&mut rgba).unwrap().width as usize;
    let pixels = rgba.chunks_exact(4).enumerate().map(|(i, p)| ((i % width, i / width), [p[0], p[1], p[2]]));
    // The plot's square: 338 CSS pixels from (48, 44) on, two of the file's to each.
    let share = |at: usize, from: f64| (at as f64 + 0.5 - 2.0 * from) / 676.0;
    pixels
        .map(|((x, y), rgb)| ((share(x, 48.0), 1.0 - share(y, 44.0)), rgb))
        .filter(|((x, y), _)| (0.01..=1.0).contains(x) && (0.01..=1.0).contains(y))
        .collect()
}

/// The mean place of what `wanted` says of the colours, in units of the plane, and how many pixels it has.
fn centre(figure: &Figure, reach: f64, wanted: impl Fn([u8; 3]) -> bool) -> (f64, f64, usize) {
    let found: Vec<_> = plot(figure).into_iter().filter(|(_, rgb)| wanted(*rgb)).map(|(at, _)| at).collect();
    let mean = |part: fn(&(f64, f64)) -> f64| found.iter().map(part).sum::<f64>() / found.len() as f64;
    let unit = |share: f64| (2.0 * share - 1.0) * reach;
    (unit(mean(|at| at.0)), unit(mean(|at| at.1)), found.len())
}

fn points(list: &[[f32; 2]]) -> Tensor {
    Tensor::from_slice2(list)
}

fn is_vermillion([r, _, b]: [u8; 3]) -> bool {
    r > b.saturating_add(60)
}

fn is_blue([r, _, b]: [u8; 3]) -> bool {
    b > r.saturating_add(60)
}

#[test]
fn a_point_is_drawn_where_it_is_and_fades_less_the_more_there_are() {
    let draw = |count: i64| {
        let same = points(&[[1.0, -2.0]]).repeat([count, 1]);
        Plane::new("t", 3.0).points("p", &same, Colour::Blue).unwrap().draw().unwrap()
    };
    let (x, y, size) = centre(&draw(1), 3.0, is_blue);
    assert!((x - 1.0).abs() < 0.02 && (y + 2.0).abs() < 0.02, "{x} {y}");
    assert!((40..120).contains(&size), "{size} pixels");
    let darkest = |figure: &Figure| plot(figure).iter().map(|(_, rgb)| rgb[0]).min().unwrap();
    let (one, many) = (darkest(&draw(1)), darkest(&draw(30)));
    assert!((90..140).contains(&one) && many < 10, "{one} {many}");
}

#[test]
fn colours_have_shapes_of_their_own() {
    let height = |colour| {
        let figure = Plane::new("", 1.0).points("p", &points(&[[0.0, 0.0]]), colour).unwrap().draw().unwrap();
        let inked =
            plot(&figure).into_iter().filter(|(_, rgb)| rgb.iter().max().unwrap() - rgb.iter().min().unwrap() > 30);
        // Grid lines are grey, so what is coloured is the marker.
        let middle = inked.map(|(at, _)| at.1).collect::<Vec<_>>();
        middle.iter().copied().fold(f64::MIN, f64::max) + middle.iter().copied().fold(f64::MAX, f64::min) - 1.0
    };
    // A triangle on its base reaches further up than down, one on its tip the other way round, a circle neither.
    let (up, down, circle) = (height(Colour::Vermillion), height(Colour::Orange), height(Colour::Blue));
    assert!(up > 0.002 && down < -0.002 && circle.abs() < 0.002, "{up} {down} {circle}");
}

#[test]
fn the_heat_map_lies_as_its_values_do() {
    let plane = Plane::new("t", 2.0);
    let grid = plane.grid(20).unwrap();
    assert_eq!(grid.size(), [400, 2]);
    // 0 at the left and 1 at the right, with a tilt: high where x₁ + x₂ / 2 is.
    let slope = (grid.select(1, 0) + grid.select(1, 1) * 0.5) * 4.0;
    let figure = plane.heat("D(x)", &slope.sigmoid()).unwrap().draw().unwrap();
    let (x, y, _) = centre(&figure, 2.0, |[r, _, b]| b > r.saturating_add(40));
    assert!(x > 0.7 && y > 0.1, "{x} {y}");
    let (x, y, _) = centre(&figure, 2.0, |[r, _, b]| r > b.saturating_add(40));
    assert!(x < -0.7 && y < -0.1, "{x} {y}");
    // The dark line is where the two halves meet, x₁ = −x₂ / 2.
    let line: Vec<_> =
        plot(&figure).into_iter().filter(|(_, rgb)| rgb.iter().all(|c| *c < 60)).map(|(at, _)| at).collect();
    assert!(line.len() > 1000, "{}", line.len());
    for (x, y) in line {
        let (x, y) = (4.0 * x - 2.0, 4.0 * y - 2.0);
        assert!((x + y / 2.0).abs() < 0.04, "{x} {y}");
    }
}

#[test]
fn a_flat_map_has_no_line() {
    let plane = Plane::new("t", 1.0);
    let half = plane.grid(9).unwrap().select(1, 0) * 0.0 + 0.7;
    let figure = plane.heat("D", &half).unwrap().draw().unwrap();
    assert!(plot(&figure).iter().all(|(_, rgb)| rgb[0] > 90), "{figure:?}");
    assert!(figure.text().contains("D: 0.70 ± 0.00"), "{}", figure.text());
}

#[test]
fn points_outside_are_told() {
    let cloud = points(&[[0.0, 0.0], [9.0, 0.0], [0.0, -9.0], [f32::NAN, 0.0]]);
    let plane = Plane::new("Anillo", 2.0).points("generadas", &cloud, Colour::Vermillion).unwrap();
    let figure = plane.draw().unwrap();
    assert_eq!(figure.text(), "Anillo\ngeneradas: n = 1 / 4");
    assert_eq!(figure.alt(), "Anillo. generadas: n = 1 / 4");
    let (.., size) = centre(&figure, 2.0, is_vermillion);
    assert!((40..120).contains(&size), "{size} pixels");
    assert_eq!(plane.alt("palabras").draw().unwrap().alt(), "palabras");
}

#[test]
fn planes_refuse_what_they_cannot_draw() {
    let plane = || Plane::new("t", 1.0);
    let message = |result: gan_nb::Result<Plane>| result.unwrap_err().to_string();
    let flat = Tensor::zeros([4], tch::kind::FLOAT_CPU);
    assert!(
        message(plane().points("p", &flat, Colour::Blue)).starts_with("the shape of points is [4], expected [N, 2]")
    );
    assert!(message(plane().heat("D", &flat.narrow(0, 0, 3))).starts_with("the number of values is 3"));
    let logits = Tensor::full([4], 1.5, (Kind::Float, tch::Device::Cpu));
    assert!(message(plane().heat("D", &logits)).starts_with("a value of the heat map is 1.5, expected 0 to 1"));
    assert!(message(plane().heat("D", &(logits * f64::NAN))).contains("NaN"));
    assert!(plane().grid(1).unwrap_err().to_string().starts_with("side is 1"));
    assert!(Plane::new("t", 0.0).draw().unwrap_err().to_string().starts_with("reach is 0"));
}

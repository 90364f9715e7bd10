//! Animations, read back frame by frame from their APNG files.

use gan_nb::display::{Animation, Colour, Figure, ImageGrid, Plane, image_grid};
use tch::{Kind, Tensor};

/// How long each frame stays, as the file says it, and the pixels that a browser shows then.
fn play(figure: &Figure) -> Vec<((u16, u16), Vec<u8>)> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(figure.png())).read_info().unwrap();
    let control = reader.info().animation_control.unwrap();
    assert_eq!(control.num_plays, 0, "for ever");
    let mut screen = vec![0; reader.output_buffer_size().unwrap()];
    let mut frames = Vec::new();
    for _ in 0..control.num_frames {
        let mut pixels = vec![0; screen.len()];
        reader.next_frame(&mut pixels).unwrap();
        let frame = *reader.info().frame_control().unwrap();
        for (shown, new) in screen.chunks_exact_mut(4).zip(pixels.chunks_exact(4)) {
            // Over: transparent pixels leave what is there; translucent ones this test does not mix.
            if frame.blend_op == png::BlendOp::Source || new[3] == 255 {
                shown.copy_from_slice(new);
            } else {
                assert_eq!(new[3], 0);
            }
        }
        frames.push(((frame.delay_num, frame.delay_den), screen.clone()));
    }
    assert!(reader.next_frame(&mut vec![0; screen.len()]).is_err(), "no more frames than it says");
    frames
}

fn pixels(figure: &Figure) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(figure.png())).read_info().unwrap();
    let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut rgba).unwrap();
    rgba
}

/// Grids of two images, each frame brighter, the second image always the same.
fn grids(count: i64) -> Vec<Figure> {
    let noise = Tensor::arange(8 * 8 * 3, (Kind::Float, tch::Device::Cpu)).remainder(7.0).view([1, 8, 8, 3]) / 7.0;
    let image = |i: i64| Tensor::cat(&[&noise * (i as f64 / count as f64), noise.shallow_clone()], 0);
    (0..count).map(|i| ImageGrid::new(2).scale(3).draw(&image(i)).unwrap()).collect()
}

/// A point that moves to the right.
fn planes(count: usize) -> Vec<Figure> {
    let at = |i: usize| Tensor::from_slice2(&[[i as f32 / 10.0, 0.0]]);
    let draw = |i| Plane::new("Anillo", 2.0).points("p", &at(i), Colour::Blue).unwrap().draw().unwrap();
    (0..count).map(draw).collect()
}

#[test]
fn every_frame_is_shown_as_it_is_for_its_time() {
    for frames in [grids(5), planes(3)] {
        let figure = Animation::new(12).hold(1.5).draw(&frames).unwrap();
        let played = play(&figure);
        assert_eq!(played.len(), frames.len());
        for (index, (frame, (delay, shown))) in frames.iter().zip(&played).enumerate() {
            assert!(*shown == pixels(frame), "frame {index}");
            assert_eq!(*delay, if index + 1 == frames.len() { (1583, 1000) } else { (1, 12) });
        }
        assert_eq!((figure.size(), figure.css_width()), (frames[0].size(), frames[0].css_width()));
    }
}

#[test]
fn a_translucent_pixel_that_changes_makes_a_whole_frame() {
    // The second grid lacks an image: its place was opaque and becomes transparent.
    let full = Tensor::zeros([4, 4, 4, 3], tch::kind::FLOAT_CPU);
    let [a, b] = [4, 3].map(|count| image_grid(&full.narrow(0, 0, count), 2).unwrap());
    let played = play(&Animation::new(1).draw(&[a, b.clone()]).unwrap());
    assert!(played[1].1 == pixels(&b));
}

#[test]
fn only_what_changes_takes_room() {
    let (one, frames) = (planes(1)[0].png().len(), planes(20));
    let all = Animation::new(10).draw(&frames).unwrap().png().len();
    assert!(all < 3 * one, "{all} bytes for 20 frames of {one}");
}

#[test]
fn words_stand_for_it() {
    let figure = Animation::new(10).hold(1.0).alt("El punto <corre>").draw(&planes(11)).unwrap();
    assert_eq!((figure.alt(), figure.text()), ("El punto <corre>", "[11 × ▷ 2.1 s: El punto <corre>]"));
    assert!(figure.to_html().contains(r#"alt="El punto &lt;corre&gt;""#));
    assert_eq!(Animation::new(10).draw(&planes(2)).unwrap().alt(), "Anillo. p: n = 1");
}

#[test]
fn animations_refuse_what_they_cannot_play() {
    let message = |animation: Animation, frames: &[Figure]| animation.draw(frames).unwrap_err().to_string();
    assert!(message(Animation::new(9), &[]).starts_with("the number of frames is 0"));
    assert!(message(Animation::new(9), &planes(1)).starts_with("the number of frames is 1, expected 2 or more"));
    assert!(message(Animation::new(0), &planes(2)).starts_with("frames_per_second is 0"));
    assert!(message(Animation::new(9).hold(f64::NAN), &planes(2)).starts_with("hold is NaN"));
    assert!(message(Animation::new(9).hold(-1.0), &planes(2)).starts_with("hold is -1"));
    let mixed = [planes(2), grids(2)].concat();
    let message = message(Animation::new(9), &mixed);
    assert!(message.starts_with("frame 2 is 52 x 24 pixels, expected 800 x"), "{message}");
}

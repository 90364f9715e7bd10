//! Colours for everything the library draws: sRGB, and Oklab to choose it by.

/// sRGB, each channel in 0..=1.
pub(crate) type Colour = [f32; 3];

/// The colour `share` of the way from `a` to `b`.
pub(crate) fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

/// Converts to bytes, rounded; values outside the range are clamped.
pub(crate) fn bytes(colour: Colour) -> [u8; 3] {
    colour.map(|part| (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
}

/// The sRGB colour of a lightness (0..1), chroma (0..0.3) and hue (radians) in Oklab, where equal steps look equal to
/// the eye. Source: Björn Ottosson 2020, <https://bottosson.github.io/posts/oklab/>.
pub(crate) fn colour(lightness: f32, chroma: f32, hue: f32) -> Colour {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_35 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let linear = [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ];
    linear.map(|x| {
        let x = x.clamp(0.0, 1.0);
        if x <= 0.003_130_8 { 12.92 * x } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 }
    })
}

//! The layers of a classifier.

use super::Recipe;
use crate::Result;
use crate::nn::{
    Activation, AveragePooling2D, BatchNormalization, Conv2D, Dense, Flatten, Initializer, LayerConfig, Padding,
    Residual, Sequential,
};

/// Height and width of the pictures that it looks at.
pub(super) const SIDE: i64 = 32;

/// From pictures to features: a small residual network (He et al. 2016), most of whose work is done on few pixels.
///
/// # Shapes
/// (B, 32, 32, channels) → (B, filters at 4 × 4)
pub(super) fn body(recipe: &Recipe, channels: i64) -> Result<Sequential> {
    let [first, second, third, features] = recipe.filters;
    let mut model = Sequential::new("features", [SIDE, SIDE, channels], recipe.seed);
    add_block(&mut model, Conv2D::new(first, 4).strides(2), 16 * channels)?; // (B, 16, 16, first)
    add_block(&mut model, Conv2D::new(second, 3), 9 * first)?; // (B, 16, 16, second)
    model.add(AveragePooling2D::new(2))?;
    add_block(&mut model, Conv2D::new(third, 3), 9 * second)?; // (B, 8, 8, third)
    add_residual(&mut model, third)?;
    model.add(AveragePooling2D::new(2))?;
    add_block(&mut model, Conv2D::new(features, 3), 9 * third)?; // (B, 4, 4, features)
    add_residual(&mut model, features)?;
    model.add(AveragePooling2D::new(4))?.add(Flatten)?;
    Ok(model)
}

/// From features to a score for each class, whose softmax is its probability.
///
/// # Shapes
/// (B, features) → (B, classes)
pub(super) fn head(recipe: &Recipe, classes: usize) -> Result<Sequential> {
    let mut model = Sequential::new("classes", [recipe.filters[3]], recipe.seed);
    model.add(Dense::new(classes as i64))?;
    Ok(model)
}

fn add_block(model: &mut Sequential, convolution: Conv2D, inputs: i64) -> Result<()> {
    for layer in block(convolution, inputs) {
        model.add(layer)?;
    }
    Ok(())
}

fn add_residual(model: &mut Sequential, filters: i64) -> Result<()> {
    let mut residual = Residual::new();
    for layer in block(Conv2D::new(filters, 3), 9 * filters) {
        residual = residual.add(layer);
    }
    model.add(residual)?;
    Ok(())
}

/// A convolution, batch normalization and ReLU. `inputs`: how many numbers each filter sees, which decides how large its first
/// weights are (He et al. 2015).
fn block(convolution: Conv2D, inputs: i64) -> [Box<dyn LayerConfig>; 3] {
    let he = Initializer::normal((2.0 / inputs as f64).sqrt());
    [
        Box::new(convolution.padding(Padding::Same).kernel_initializer(he)),
        Box::new(BatchNormalization::new().momentum(0.9)),
        Box::new(Activation::Relu),
    ]
}

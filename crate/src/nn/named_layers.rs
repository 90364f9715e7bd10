//! The chain of named layers inside a model or a block.

use super::Init;
use super::layer::{Context, Layer, LayerConfig, Output, Weight};
use crate::Result;
use tch::Tensor;

/// Layers one after the other, each named by its kind and its place among its kind.
#[derive(Debug)]
pub(super) struct Stack {
    input_shape: Vec<i64>,
    layers: Vec<Named>,
}

/// A layer and its name, as `conv2d_1`.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) layer: Box<dyn Layer>,
}

impl Stack {
    /// No layer yet, for inputs of this shape (without the batch).
    pub(super) fn new(input_shape: Vec<i64>) -> Self {
        Self { input_shape, layers: Vec::new() }
    }

    /// Builds a layer for what the stack gives so far and appends it; where that fails the stack stays as it was.
    pub(super) fn add(&mut self, config: &dyn LayerConfig, init: &mut Init) -> Result<()> {
        let layer = config.build(self.output_shape(), init)?;
        let kind = snake_case(layer.class_name());
        let before = self.layers.iter().filter(|other| other.layer.class_name() == layer.class_name()).count();
        let name = if before == 0 { kind } else { format!("{kind}_{before}") };
        self.layers.push(Named { name, layer });
        Ok(())
    }

    pub(super) fn layers(&self) -> &[Named] {
        &self.layers
    }

    pub(super) fn input_shape(&self) -> &[i64] {
        &self.input_shape
    }

    /// That of the last layer, or the input's where there is none.
    pub(super) fn output_shape(&self) -> &[i64] {
        self.layers.last().map_or(&self.input_shape, |last| last.layer.output_shape())
    }

    pub(super) fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        self.run(x, context, |last, x| last.forward(x, context))
    }

    /// Without the last layer's activation.
    pub(super) fn forward_logits(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        self.run(x, context, |last, x| last.forward_logits(x, context))
    }

    fn run(&self, x: &Tensor, context: Context, end: impl Fn(&dyn Layer, &Tensor) -> Result<Tensor>) -> Result<Tensor> {
        let mut y = x.shallow_clone();
        let Some((last, before)) = self.layers.split_last() else { return Ok(y) };
        // Whether nobody else can see `y`. The caller sees `x`.
        let mut owned = false;
        for Named { layer, .. } in before {
            y = if owned { layer.forward_owned(y, context)? } else { layer.forward(&y, context)? };
            owned = match layer.output() {
                Output::New => true,
                Output::Input => owned,
                Output::Kept => false,
            };
        }
        end(last.layer.as_ref(), &y)
    }

    /// All weights with their names, the layer's before its own: `conv2d_1/kernel`.
    pub(super) fn weights(&self) -> Vec<(String, Weight)> {
        let of = |named: &Named| {
            let name = named.name.clone();
            named.layer.weights().into_iter().map(move |w| (format!("{name}/{}", w.name), w))
        };
        self.layers.iter().flat_map(of).collect()
    }
}

/// `Conv2DTranspose` → `conv2d_transpose`, by Keras's rule for default names.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, c) in letters.iter().enumerate() {
        let follows_word =
            i > 0 && (letters[i - 1].is_lowercase() || letters.get(i + 1).is_some_and(|n| n.is_lowercase()));
        let follows_digit =
            i > 0 && letters[i - 1].is_ascii_digit() && !letters.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && follows_word && !follows_digit {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_keras_names() {
        let names = ["Dense", "BatchNormalization", "Conv2D", "Conv2DTranspose", "LeakyReLU", "Flatten"];
        let snake = names.map(super::snake_case);
        assert_eq!(snake, ["dense", "batch_normalization", "conv2d", "conv2d_transpose", "leaky_re_lu", "flatten"]);
    }
}

//! Drawn pictures: for lessons without a network, and for textures and styles.

mod brushstrokes;
mod shapes;
mod textures;

pub use brushstrokes::brushstrokes;
pub use shapes::Shapes;
pub use textures::Textures;

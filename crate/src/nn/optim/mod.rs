//! Optimizers.

mod adam;

pub use adam::Adam;
/// shim
pub trait Optimizer: std::fmt::Debug + Send {
    /// x
    fn scale_loss(&mut self);
    /// x
    fn steps(&self) -> u64;
    /// x
    fn set_steps(&mut self, steps: u64);
    /// x
    fn state(&self) -> Vec<(String, tch::Tensor)>;
    /// x
    fn settings(&self) -> serde_json::Value;
    /// x
    fn load_settings(&mut self, settings: &serde_json::Value) -> crate::Result<()>;
}
impl Optimizer for Adam {
    fn scale_loss(&mut self) {
        self.set_loss_scale()
    }
    fn steps(&self) -> u64 {
        Adam::steps(self) as u64
    }
    fn set_steps(&mut self, steps: u64) {
        Adam::set_steps(self, steps as i32)
    }
    fn state(&self) -> Vec<(String, tch::Tensor)> {
        Adam::state(self)
    }
    fn settings(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
    fn load_settings(&mut self, _: &serde_json::Value) -> crate::Result<()> {
        Ok(())
    }
}

//! The hinge loss (Lim & Ye 2017; Miyato et al. 2018): the discriminator wants a margin, and then loses interest.

use crate::Result;
use crate::platform::arithmetic::Arithmetic;
use crate::platform::device::make_ready;
use tch::{Kind, Tensor};

/// L_D = E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]. While the discriminator can't tell, it is about 2.
///
/// # Shapes
/// `real`, `fake`: scores, any shapes; result: ()
///
/// # Errors
/// When libtorch refuses.
pub fn discriminator(real: &Tensor, fake: &Tensor) -> Result<Tensor> {
    make_ready();
    let real = real.f_neg()?.plus(1.0)?.f_relu()?.f_mean(None::<Kind>)?;
    Ok(real.f_add(&fake.plus(1.0)?.f_relu()?.f_mean(None::<Kind>)?)?)
}

/// L_G = −E[D(G(z))].
///
/// # Shapes
/// `fake`: scores, any shape; result: ()
///
/// # Errors
/// When libtorch refuses.
pub fn generator(fake: &Tensor) -> Result<Tensor> {
    make_ready();
    Ok(fake.f_mean(None::<Kind>)?.f_neg()?)
}

//! Loads and stores.

use crate::ir::module::AliasId;
use crate::types::Scalar;

/// What an access touches: the address is `base + index * scale + offset`, in bytes, with wrapping arithmetic in the
/// width of the target's addresses. The element need not be aligned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Access {
    pub element: Scalar,
    pub class: AliasId,
    /// Bytes per index step; 1 to 65535.
    pub scale: u16,
    /// Constant bytes added; any sign.
    pub offset: i32,
}

impl Access {
    /// Element `index` of a dense array of `element` at `base`.
    pub const fn dense(element: Scalar, class: AliasId) -> Access {
        Access { element, class, scale: element.bytes() as u16, offset: 0 }
    }

    /// A field at a fixed byte offset of `base`; the index operand is constant 0.
    pub const fn field(element: Scalar, class: AliasId, offset: i32) -> Access {
        Access { element, class, scale: 1, offset }
    }
}

//! `T | None`: a kernel for each of the two, so that `x is None` is known where it is compiled.

use super::select::Wanted;
use crate::front::Mode;
use crate::types::Type;

/// Versions of one kernel.
const MOST: usize = 64;

/// The kernels with each optional parameter a value in one and None in another, a value first. Where there would be too
/// many, and in C functions, the types stay, and are refused later.
pub(super) fn expand(all: Vec<Wanted>) -> Vec<Wanted> {
    all.into_iter().flat_map(|wanted| if wanted.mode == Mode::C { vec![wanted] } else { versions(wanted) }).collect()
}

fn versions(wanted: Wanted) -> Vec<Wanted> {
    let optional = wanted.signature.params.iter().filter(|p| matches!(p.ty, Type::Optional(_))).count() as u32;
    if 1_usize.checked_shl(optional).is_none_or(|n| n > MOST) {
        return vec![wanted];
    }
    let mut found = vec![wanted];
    for i in 0..found[0].signature.params.len() {
        let with = |wanted: &Wanted, ty: &Type| {
            let mut version = wanted.clone();
            version.signature.params[i].ty = ty.clone();
            version
        };
        found = found
            .iter()
            .flat_map(|wanted| match &wanted.signature.params[i].ty {
                Type::Optional(inner) => vec![with(wanted, inner), with(wanted, &Type::None)],
                _ => vec![wanted.clone()],
            })
            .collect();
    }
    found
}

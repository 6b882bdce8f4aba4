//! Views: indices inside of arrays, slices of a wanted length, axes in another order.

use gelcap_compiler::types::Scalar;

use super::super::Generator;
use super::super::ty::Ty;
use super::{Array, Layout};

impl Generator {
    /// An index of an axis, inside of it: a literal, a negative one, a counter, a remainder.
    pub(super) fn axis_index(&mut self, length: usize) -> String {
        let counters: Vec<String> =
            self.bounded.iter().filter(|(_, bound)| *bound <= length).map(|(name, _)| name.clone()).collect();
        match self.rng.below(8) {
            0..=2 if !counters.is_empty() => self.rng.pick(&counters).clone(),
            0..=3 => self.rng.below(length).to_string(),
            4..=5 => format!("-{}", 1 + self.rng.below(length)),
            _ => {
                let i = self.expr(Ty::Int, 1);
                format!("{i} % {length}")
            }
        }
    }

    /// `name[...]` with an index for each axis; `None` for an array without elements.
    pub(super) fn element_of(&mut self, array: &Array, construct: &'static str) -> Option<String> {
        if array.size() == 0 {
            return None;
        }
        if array.shape.is_empty() {
            self.record(construct, array);
            return Some(format!("{}[()]", array.name));
        }
        let outside = self.rng.percent(3);
        let mut indices: Vec<String> = array.shape.iter().map(|n| self.axis_index(*n)).collect();
        if outside {
            let axis = self.rng.below(indices.len());
            indices[axis] = (array.shape[axis] + self.rng.below(3)).to_string();
        }
        self.record(if outside { "outside" } else { construct }, array);
        Some(match indices.len() {
            2 if self.rng.percent(20) => format!("{}[{}][{}]", array.name, indices[0], indices[1]),
            _ => format!("{}[{}]", array.name, indices.join(", ")),
        })
    }

    /// An element whose type is the wanted one.
    pub(in super::super) fn array_element(&mut self, dtype: Scalar) -> Option<String> {
        let fitting: Vec<Array> = self.arrays.iter().filter(|a| a.dtype == dtype && a.size() > 0).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let array = self.rng.pick(&fitting).clone();
        self.element_of(&array, "element")
    }

    /// A slice of an axis that leaves `wanted` of its elements; `None` if it has fewer.
    pub(super) fn slice(&mut self, length: usize, wanted: usize) -> Option<String> {
        if wanted > length {
            return None;
        }
        if wanted == 0 {
            return Some((*self.rng.pick(&["0:0", "2:1", "-1:0:1", "1000:", ":-1000"])).into())
                .filter(|_| length > 0)
                .or(Some(":".into()));
        }
        if wanted == length && self.rng.percent(60) {
            return Some(match self.rng.below(5) {
                0 => "::-1".into(),
                1 => format!("-{length}:"),
                2 => format!(":{}", length + self.rng.below(3)),
                _ => ":".into(),
            });
        }
        let ints: Vec<String> = self.variables.iter().filter(|(_, t)| *t == Ty::Int).map(|(n, _)| n.clone()).collect();
        if wanted < length && !ints.is_empty() && self.rng.percent(25) {
            // Bounds that are not known when it is compiled.
            let (i, room) = (self.rng.pick(&ints).clone(), length - wanted + 1);
            return Some(format!("{i} % {room}:{i} % {room} + {wanted}"));
        }
        let steps: Vec<i64> = [1, 1, 2, 3, -1, -2]
            .into_iter()
            .filter(|s: &i64| (wanted - 1) * (s.unsigned_abs() as usize) < length)
            .collect();
        let step = *self.rng.pick(&steps);
        let span = (wanted - 1) * step.unsigned_abs() as usize;
        let low = self.rng.below(length - span);
        let high = low + span;
        Some(match step {
            1 => format!("{low}:{}", high + 1),
            s if s > 0 => format!("{low}:{}:{s}", high + 1),
            s if low == 0 => format!("{high}::{s}"),
            s => format!("{high}:{}:{s}", low - 1),
        })
    }

    /// A view of the array that has the wanted shape, and what is known of its layout.
    pub(super) fn view_as(&mut self, array: &Array, wanted: &[usize]) -> Option<(String, Layout)> {
        let shape = array.shape.clone();
        let name = &array.name;
        let reversed: Vec<usize> = shape.iter().rev().copied().collect();
        if reversed == wanted && wanted.len() > 1 && (self.rng.percent(50) || shape != wanted) {
            self.record("transpose", array);
            let layout = match array.layout {
                Layout::C => Layout::F,
                Layout::F => Layout::C,
                Layout::Strided => Layout::Strided,
            };
            return Some((format!("{name}.T"), layout));
        }
        if shape == wanted && self.rng.percent(50) {
            return Some((name.clone(), array.layout));
        }
        if shape.len() == wanted.len() && !shape.is_empty() {
            let slices: Option<Vec<String>> = shape.iter().zip(wanted).map(|(n, w)| self.slice(*n, *w)).collect();
            let text = slices?.join(", ");
            self.record("slice", array);
            return Some((format!("{name}[{text}]"), Layout::Strided));
        }
        if shape.len() == wanted.len() + 1 && !wanted.is_empty() {
            // One axis is indexed: the first that leaves the others long enough.
            let axes: Vec<usize> = (0..shape.len())
                .filter(|&k| {
                    let mut rest = shape.clone();
                    shape[k] > 0 && rest.remove(k) == shape[k] && rest.iter().zip(wanted).all(|(n, w)| w <= n)
                })
                .collect();
            let axis = *axes.get(self.rng.below(axes.len().max(1)))?;
            let index = self.axis_index(shape[axis]);
            let mut parts = Vec::new();
            let mut rest = wanted.iter();
            for (k, n) in shape.iter().enumerate() {
                parts.push(if k == axis { index.clone() } else { self.slice(*n, *rest.next()?)? });
            }
            self.record("index view", array);
            return Some((format!("{name}[{}]", parts.join(", ")), Layout::Strided));
        }
        if shape.len() + 1 == wanted.len() {
            let axis = (0..wanted.len()).find(|&k| {
                let mut rest = wanted.to_vec();
                wanted[k] == 1 && rest.remove(k) == 1 && rest == shape
            })?;
            let new = *self.rng.pick(&["None", "np.newaxis"]);
            let parts: Vec<&str> = (0..wanted.len()).map(|k| if k == axis { new } else { ":" }).collect();
            self.record("newaxis", array);
            return Some((format!("{name}[{}]", parts.join(", ")), Layout::Strided));
        }
        None
    }

    /// A view of any shape: its text, its shape, its layout.
    pub(super) fn any_view(&mut self, array: &Array) -> (String, Vec<usize>, Layout) {
        let shape = array.shape.clone();
        if shape.is_empty() {
            self.record("newaxis", array);
            return (format!("{}[None]", array.name), vec![1], Layout::C);
        }
        self.record("view", array);
        match self.rng.below(10) {
            0 if shape.len() > 1 => {
                self.record("transpose", array);
                let layout = match array.layout {
                    Layout::C => Layout::F,
                    Layout::F => Layout::C,
                    Layout::Strided => Layout::Strided,
                };
                (format!("{}.T", array.name), shape.into_iter().rev().collect(), layout)
            }
            1 if shape.len() == 4 && shape[0] > 0 => {
                // A fifth axis there is not: one is indexed for it.
                self.record("newaxis", array);
                let index = self.axis_index(shape[0]);
                let axes: Vec<usize> = std::iter::once(1).chain(shape[1..].iter().copied()).collect();
                (format!("{}[None, {index}]", array.name), axes, Layout::Strided)
            }
            1 if shape.len() < 4 => {
                self.record("newaxis", array);
                let axis = self.rng.below(shape.len() + 1);
                let mut longer = shape.clone();
                longer.insert(axis, 1);
                let parts: Vec<&str> = (0..longer.len()).map(|k| if k == axis { "None" } else { ":" }).collect();
                (format!("{}[{}]", array.name, parts.join(", ")), longer, Layout::Strided)
            }
            2..=3 if shape.len() > 1 && shape.iter().any(|n| *n > 0) => {
                let axes: Vec<usize> = (0..shape.len()).filter(|k| shape[*k] > 0).collect();
                let axis = *self.rng.pick(&axes);
                let index = self.axis_index(shape[axis]);
                self.record("index view", array);
                let mut shorter = shape.clone();
                shorter.remove(axis);
                let last = axis + 1 == shape.len();
                let text = match self.rng.below(3) {
                    0 if axis == 0 => index,
                    1 if last => format!("..., {index}"),
                    _ => {
                        let parts: Vec<&str> =
                            (0..=axis).map(|k| if k == axis { index.as_str() } else { ":" }).collect();
                        parts.join(", ")
                    }
                };
                (format!("{}[{text}]", array.name), shorter, Layout::Strided)
            }
            _ => {
                let mut parts = Vec::new();
                let mut wanted = Vec::new();
                for n in &shape {
                    let w = if self.rng.percent(45) { *n } else { self.rng.below(n + 1) };
                    parts.push(self.slice(*n, w).unwrap_or_else(|| ":".into()));
                    wanted.push(w);
                }
                self.record("slice", array);
                (format!("{}[{}]", array.name, parts.join(", ")), wanted, Layout::Strided)
            }
        }
    }
}

//! Sums of values and of products of two values, with coefficients, in true integers.

use smallvec::SmallVec;

use crate::ir::ValueId;

/// A value, or the product of two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Term {
    pub value: ValueId,
    /// The other factor, which is not the lesser one.
    pub times: Option<ValueId>,
}

impl Term {
    pub const fn of(value: ValueId) -> Term {
        Term { value, times: None }
    }

    pub fn product(a: ValueId, b: ValueId) -> Term {
        Term { value: a.min(b), times: Some(a.max(b)) }
    }

    pub fn factors(self) -> impl Iterator<Item = ValueId> {
        std::iter::once(self.value).chain(self.times)
    }
}

/// `constant + sum of coefficient * term`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Linear {
    pub constant: i128,
    /// In order, each once, without zeros.
    pub terms: SmallVec<[(Term, i128); 4]>,
}

/// Sums are kept small enough for their bounds to be computed without overflow.
const MAX_COEFFICIENT: i128 = 1 << 40;
const MAX_CONSTANT: i128 = 1 << 100;
const MAX_TERMS: usize = 8;

impl Linear {
    pub fn constant(constant: i128) -> Linear {
        Linear { constant, ..Linear::default() }
    }

    pub fn of(v: ValueId) -> Linear {
        Linear::term(Term::of(v))
    }

    fn term(t: Term) -> Linear {
        Linear { constant: 0, terms: SmallVec::from_slice(&[(t, 1)]) }
    }

    pub fn coefficient(&self, t: Term) -> i128 {
        self.terms.iter().find(|x| x.0 == t).map_or(0, |x| x.1)
    }

    /// `self + k * other`, unless it grows too large.
    pub fn plus(&self, other: &Linear, k: i128) -> Option<Linear> {
        if k == 0 {
            return Some(self.clone());
        }
        let constant = self.constant.checked_add(other.constant.checked_mul(k)?)?;
        let mut terms = self.terms.clone();
        for &(t, c) in &other.terms {
            let c = c.checked_mul(k)?;
            match terms.binary_search_by_key(&t, |x| x.0) {
                Ok(at) => {
                    terms[at].1 += c;
                    if terms[at].1 == 0 {
                        terms.remove(at);
                    }
                }
                Err(at) => terms.insert(at, (t, c)),
            }
        }
        let small = constant.abs() <= MAX_CONSTANT
            && terms.len() <= MAX_TERMS
            && terms.iter().all(|x| x.1.abs() <= MAX_COEFFICIENT);
        small.then_some(Linear { constant, terms })
    }

    pub fn plus_constant(mut self, c: i128) -> Linear {
        self.constant += c;
        self
    }

    pub fn scaled(&self, k: i128) -> Option<Linear> {
        Linear::default().plus(self, k)
    }

    /// The product of two sums, unless it holds one of three values.
    pub fn times(&self, other: &Linear) -> Option<Linear> {
        let mut sum = other.scaled(self.constant)?;
        for &(t, c) in &self.terms {
            let product = if other.terms.is_empty() {
                Linear::term(t).scaled(other.constant)?
            } else if t.times.is_none() {
                other.times_value(t.value)?
            } else {
                return None;
            };
            sum = sum.plus(&product, c)?;
        }
        Some(sum)
    }

    pub fn times_value(&self, v: ValueId) -> Option<Linear> {
        let mut sum = Linear::default().plus(&Linear::of(v), self.constant)?;
        for &(t, c) in &self.terms {
            if t.times.is_some() {
                return None;
            }
            sum = sum.plus(&Linear::term(Term::product(t.value, v)), c)?;
        }
        Some(sum)
    }

    /// The sum with another one in the place of a term.
    pub fn substituted(&self, t: Term, by: &Linear) -> Option<Linear> {
        let c = self.coefficient(t);
        let without = self.plus(&Linear::term(t), -c)?;
        without.plus(by, c)
    }

    /// The sum under other names.
    pub fn renamed(&self, name: impl Fn(ValueId) -> ValueId) -> Option<Linear> {
        let mut sum = Linear::constant(self.constant);
        for &(t, c) in &self.terms {
            let new = match t.times {
                None => Term::of(name(t.value)),
                Some(other) => Term::product(name(t.value), name(other)),
            };
            sum = sum.plus(&Linear::term(new), c)?;
        }
        Some(sum)
    }
}

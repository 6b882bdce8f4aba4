//! The array types of signatures: `float64[:, ::1]`, `float64[][]`, `float64[:,:] order(F)`, `Array(float64, 2, "C")`.

use super::lexer::Kind;
use super::parser::{Parse, Parser};
use super::spelling::Dialect;
use crate::diag::{Code, Diagnostic, Span};
use crate::types::array::MAX_RANK;
use crate::types::{ArrayType, Layout, Type};

impl Parser<'_> {
    /// Behind `Array(`: dtype, rank, order and `readonly`.
    pub(super) fn array_constructor(&mut self) -> Parse<Type> {
        let start = self.span();
        let dtype = self.single_type("as the dtype of an array")?;
        let dtype = dtype.scalar().ok_or_else(|| no_dtype(&dtype, start))?;
        self.expect(",", "before the rank")?;
        let rank = self.number(MAX_RANK.into())? as u8;
        let (mut layout, mut writable) = (Layout::Strided, true);
        while self.eat(",") {
            let Some(token) = self.next() else { break };
            match token.text {
                "layout" => self.at += usize::from(self.peek() == "="),
                "readonly" => {
                    self.expect("=", "behind `readonly`")?;
                    writable = self.next().is_some_and(|token| token.text == "False");
                }
                "aligned" => {
                    self.expect("=", "behind `aligned`")?;
                    self.next();
                }
                _ => {}
            }
            let order = if token.text == "layout" { self.next().map_or("", |token| token.text) } else { token.text };
            match order {
                "C" => layout = Layout::C,
                "F" => layout = Layout::F,
                "A" => layout = Layout::Strided,
                "readonly" | "aligned" | ")" => self.at -= usize::from(order == ")"),
                _ => {
                    let message = format!("`{order}` is no memory order");
                    let span = self.previous();
                    let help = "write \"C\", \"F\" or \"A\" (any strides)";
                    return Err(Box::new(Diagnostic::error(Code::SignatureSyntax, span, message).help(help)));
                }
            }
        }
        Ok(Type::Array(ArrayType { dtype, rank, layout: canonical(layout, rank), writable }))
    }

    /// `[]`, `[:, ::1]`, `[::]`, and `order(F)` behind them. Without an order, Pythran's matrices have two alternatives.
    pub(super) fn array(&mut self, types: Vec<Type>, writable: bool) -> Parse<Vec<Type>> {
        let start = self.span();
        let dtype = match &types[..] {
            [ty] => ty.scalar().ok_or_else(|| no_dtype(ty, start))?,
            _ => return Err(self.fault("an array of several types is not supported", "choose one type")),
        };
        let mut axes = Vec::new();
        while self.eat("[") {
            self.axes(&mut axes)?;
        }
        if axes.len() > MAX_RANK.into() {
            let span = start.to(self.previous());
            let message = format!("an array has at most {MAX_RANK} axes");
            return Err(Box::new(Diagnostic::error(Code::SignatureSyntax, span, message).help("use fewer axes")));
        }
        let rank = axes.len() as u8;
        let span = start.to(self.previous());
        let array = |layout| Type::Array(ArrayType { dtype, rank, layout: canonical(layout, rank), writable });
        if self.peek() == "order" && self.peek_at(1) == "(" {
            self.at += 2;
            let layout = match self.next().map_or("", |token| token.text) {
                "C" => Layout::C,
                "F" => Layout::F,
                other => {
                    let message = format!("`{other}` is no memory order");
                    let help = "write `order(C)` or `order(F)`";
                    return Err(Box::new(
                        Diagnostic::error(Code::SignatureSyntax, self.previous(), message).help(help),
                    ));
                }
            };
            self.expect(")", "behind the order")?;
            return Ok(vec![array(layout)]);
        }
        let dense: Vec<usize> = (0..axes.len()).filter(|i| axes[*i] == Axis::Dense).collect();
        let layout = match (&dense[..], self.dialect) {
            ([], Dialect::C) => Layout::Strided,
            ([], Dialect::Python) if axes.contains(&Axis::Strided) => Layout::Strided,
            ([], Dialect::Python) if rank == 2 => return Ok(vec![array(Layout::C), array(Layout::F)]),
            ([], Dialect::Python) => Layout::C,
            ([axis], _) if axis + 1 == axes.len() => Layout::C,
            ([0], _) => Layout::F,
            _ if axes.contains(&Axis::Contiguous) && dense.is_empty() => Layout::C,
            _ => {
                let message = "`::1` stands once: at the last axis (C order) or at the first (Fortran order)";
                return Err(Box::new(
                    Diagnostic::error(Code::SignatureSyntax, span, message).help("write `[:, ::1]` or `[::1, :]`"),
                ));
            }
        };
        // `[]` says contiguous in every dialect.
        let layout = if axes.contains(&Axis::Contiguous) && dense.is_empty() { Layout::C } else { layout };
        Ok(vec![array(layout)])
    }

    /// The axes up to the closing bracket.
    fn axes(&mut self, axes: &mut Vec<Axis>) -> Parse<()> {
        if self.eat("]") {
            axes.push(Axis::Contiguous);
            return Ok(());
        }
        // As messages write an array without axes.
        if self.peek() == "(" && self.peek_at(1) == ")" {
            self.at += 2;
            return self.expect("]", "behind the axes");
        }
        loop {
            if self.kind() == Some(Kind::Number) {
                return Err(self.unsupported("an array with a fixed extent", "write `:` for the axis"));
            }
            self.expect(":", "for an axis")?;
            let axis = match (self.eat(":"), self.peek()) {
                (true, "1") => {
                    self.next();
                    Axis::Dense
                }
                (true, _) => Axis::Strided,
                (false, _) => Axis::Plain,
            };
            axes.push(axis);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]", "behind the axes")
    }
}

/// One axis of an array type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    /// `[]`
    Contiguous,
    /// `:`
    Plain,
    /// `::`
    Strided,
    /// `::1`
    Dense,
}

/// With one axis or none, both orders are the same.
pub(in crate::front) fn canonical(layout: Layout, rank: u8) -> Layout {
    if rank < 2 && layout == Layout::F { Layout::C } else { layout }
}

fn no_dtype(ty: &Type, span: Span) -> Box<Diagnostic> {
    let message = format!("an array of `{ty}` is not supported");
    Box::new(Diagnostic::error(Code::UnsupportedType, span, message).help("the elements of arrays are numbers"))
}

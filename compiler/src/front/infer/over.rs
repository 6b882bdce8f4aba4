//! What a `for` runs over: ranges, arrays, constant tuples, and these enumerated, zipped and reversed.

use super::Body;
use super::stmt::literal_of;
use super::unsupported::indefinite;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::builtins::{Builtin, PythonFn};
use crate::front::syntax::{Expr, ExprKind, Keyword};
use crate::front::tast::{self, Known, Literal, Over, Ty};
use crate::ir::typing::view_type;

impl Body<'_, '_> {
    /// What stands behind `in`.
    pub(super) fn over(&mut self, iter: &Expr) -> Option<Over> {
        if let ExprKind::Call { function, args, keywords } = &iter.kind
            && let Some(f) = self.iterator(function)
        {
            return match f {
                PythonFn::Enumerate => self.enumerated(args, keywords, iter.span),
                PythonFn::Zip => self.zipped(args, keywords, iter.span),
                PythonFn::Reversed => {
                    let ([of], []) = (args.as_slice(), keywords.as_slice()) else {
                        return self.wrong_arguments("`reversed` takes one argument", iter.span);
                    };
                    let over = self.over(of)?;
                    if matches!(over, Over::Enumerate(..) | Over::Zip(_) | Over::Reversed(_)) {
                        return self.wrong_arguments("only ranges, arrays and tuples can be reversed", of.span);
                    }
                    Some(Over::Reversed(Box::new(over)))
                }
                _ => self.range(args, keywords, iter.span),
            };
        }
        let value = self.expr(iter);
        match &value.ty {
            Ty::Error | Ty::Unknown => None,
            Ty::Array(array) if array.rank > 0 => Some(Over::Array(value)),
            Ty::Table(_) => Some(Over::Table(value)),
            other => {
                let message = format!("a kernel cannot loop over {}", indefinite(other));
                let help = "loop over an array, a constant tuple, or indices: `for i in range(n):`";
                self.fault(Diagnostic::error(Code::UnsupportedSyntax, iter.span, message).help(help));
                None
            }
        }
    }

    /// The type of what a round gets.
    pub(super) fn item_type(&self, over: &Over) -> Ty {
        match over {
            Over::Range(_) => Ty::INT,
            Over::Array(e) => match e.ty {
                Ty::Array(array) if array.rank == 1 => Ty::Np(array.dtype),
                Ty::Array(array) => row_type(array),
                _ => Ty::Error,
            },
            Over::Table(e) => match &e.ty {
                Ty::Table(id) => self.cx.tables[*id].element.clone(),
                _ => Ty::Error,
            },
            Over::Enumerate(of, _) => Ty::Tuple([Ty::INT, self.item_type(of)].into()),
            Over::Zip(all) => Ty::Tuple(all.iter().map(|over| self.item_type(over)).collect()),
            Over::Reversed(of) => self.item_type(of),
        }
    }

    fn enumerated(&mut self, args: &[Expr], keywords: &[Keyword], span: Span) -> Option<Over> {
        let named = keywords.iter().map(|k| (k.name.as_ref().map_or("", |n| n.text.as_str()), &k.value));
        let start = match (args, named.collect::<Vec<_>>().as_slice()) {
            ([_], []) => None,
            ([_, start], []) => Some(start),
            ([_], [("start", start)]) => Some(*start),
            _ => return self.wrong_arguments("`enumerate` takes what to loop over, and a start", span),
        };
        let over = self.over(&args[0])?;
        let start = match start {
            Some(start) => {
                let start = self.expr(start);
                self.check_index(&start, "the start of `enumerate` is an integer")?;
                start
            }
            None => integer(0, span),
        };
        Some(Over::Enumerate(Box::new(over), Box::new(start)))
    }

    fn zipped(&mut self, args: &[Expr], keywords: &[Keyword], span: Span) -> Option<Over> {
        if args.is_empty() || !keywords.is_empty() {
            return self.wrong_arguments("`zip` takes one argument or more, and no keyword arguments in kernels", span);
        }
        let all: Vec<Option<Over>> = args.iter().map(|arg| self.over(arg)).collect();
        Some(Over::Zip(all.into_iter().collect::<Option<_>>()?))
    }

    fn range(&mut self, args: &[Expr], keywords: &[Keyword], span: Span) -> Option<Over> {
        if let Some(keyword) = keywords.first() {
            return self.wrong_arguments("`range` takes no keyword arguments", keyword.span);
        }
        let bounds: Vec<tast::Expr> = args.iter().map(|a| self.expr(a)).collect();
        for bound in &bounds {
            self.check_index(bound, "`range` takes integers")?;
        }
        let bounds = match bounds.len() {
            1 => [vec![integer(0, span)], bounds, vec![integer(1, span)]].concat(),
            2 => [bounds, vec![integer(1, span)]].concat(),
            _ => bounds,
        };
        match <[_; 3]>::try_from(bounds) {
            Ok(bounds) => Some(Over::Range(Box::new(bounds))),
            Err(_) => {
                let message = format!("`range` takes one to three arguments, got {}", args.len());
                self.wrong_arguments(&message, span)
            }
        }
    }

    fn wrong_arguments(&mut self, message: &str, span: Span) -> Option<Over> {
        self.fault(Diagnostic::error(Code::WrongArguments, span, message));
        None
    }

    /// The function of Python that makes something to loop over, if this is one.
    fn iterator(&self, function: &Expr) -> Option<PythonFn> {
        let ExprKind::Name(name) = &function.kind else { return None };
        let known = match self.scope.variable(name) {
            Some(var) => match self.state.slot(var).ty() {
                Some(Ty::Known(known)) => *known,
                _ => return None,
            },
            None => match self.cx.program.lookup(self.environment, name)? {
                crate::front::environment::Global::Known(known) => known,
                _ => return None,
            },
        };
        match known {
            Known::Builtin(Builtin::Python(
                f @ (PythonFn::Range | PythonFn::Enumerate | PythonFn::Zip | PythonFn::Reversed),
            )) => Some(f),
            _ => None,
        }
    }
}

fn integer(value: i128, span: Span) -> tast::Expr {
    tast::Expr { kind: tast::ExprKind::Literal(Literal::Int(value)), ty: Ty::INT, span }
}

/// What `a[i]` is where `a` has several axes.
fn row_type(array: crate::types::ArrayType) -> Ty {
    use crate::ir::op::AxisSpec;
    let mut specs = vec![AxisSpec::Keep; array.rank.into()];
    specs[0] = AxisSpec::Index;
    view_type(array.into(), &specs).map_or(Ty::Error, |row| Ty::Array(row.into()))
}

/// It is a range with constant bounds and an element.
pub(super) fn never_empty(over: &Over) -> bool {
    let bound = |e: &tast::Expr| literal_of(e).and_then(Literal::as_int);
    let Over::Range(range) = over else { return false };
    match (bound(&range[0]), bound(&range[1]), bound(&range[2])) {
        (Some(start), Some(stop), Some(step)) => (step > 0 && start < stop) || (step < 0 && start > stop),
        _ => false,
    }
}

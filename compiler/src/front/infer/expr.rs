//! Expressions but calls ([`super::call`]) and indexing ([`super::index`]).

use super::dtypes::{compare_dtypes, names_dtype};
use super::operator::comparison_type;
use super::state::Slot;
use super::stmt::literal_of;
use super::unsupported::{self, indefinite, nearest};
use super::{Body, MAX_LEAVES, MAX_TUPLE};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::builtins;
use crate::front::environment::{Global, StdModule, fold};
use crate::front::syntax::{BoolOp, CompareOp, Expr, ExprKind, Ident};
use crate::front::tast::{self, Known, Literal, Ty};

/// An expression whose fault has been reported.
pub(super) fn faulty(span: Span) -> tast::Expr {
    tast::Expr { kind: tast::ExprKind::Known, ty: Ty::Error, span }
}

pub(super) fn literal(value: Literal, span: Span) -> tast::Expr {
    tast::Expr { ty: value.ty(), kind: tast::ExprKind::Literal(value), span }
}

impl Body<'_, '_> {
    pub(super) fn expr(&mut self, e: &Expr) -> tast::Expr {
        if self.enter(e.span).is_none() {
            return faulty(e.span);
        }
        let typed = self.any(e);
        self.leave();
        typed
    }

    fn any(&mut self, e: &Expr) -> tast::Expr {
        let span = e.span;
        match &e.kind {
            ExprKind::Name(name) => self.name(name, span),
            ExprKind::None => literal(Literal::None, span),
            ExprKind::Bool(b) => literal(Literal::Bool(*b), span),
            ExprKind::Int(i) => match i.to_i128() {
                Some(i) => literal(Literal::Int(i), span),
                None => self.too_large(span),
            },
            ExprKind::Float(x) => literal(Literal::Float(*x), span),
            ExprKind::Str(s) => literal(Literal::Str(s.as_str().into()), span),
            ExprKind::Tuple(items) => self.tuple(items, span),
            ExprKind::Unary { op, operand } => {
                let operand = self.expr(operand);
                self.unary(*op, operand, span)
            }
            ExprKind::Binary { op, left, right } => {
                let left = self.expr(left);
                let right = self.expr(right);
                self.binary(*op, left, right, span)
            }
            ExprKind::BoolOp { op, values } => self.bool_op(*op, values, span),
            ExprKind::Compare { left, rest } => self.compare(left, rest, span),
            ExprKind::Conditional { test, body, orelse } => self.conditional(test, body, orelse, span),
            ExprKind::Call { function, args, keywords } => self.call(function, args, keywords, span),
            ExprKind::Attribute { value, name } => self.attribute(value, name, span),
            ExprKind::Subscript { value, index } => self.subscript(value, index, span),
            _ => {
                let fault = unsupported::expression(e);
                self.fault(fault);
                faulty(span)
            }
        }
    }

    fn too_large(&mut self, span: Span) -> tast::Expr {
        let message = "integers are 64-bit in kernels; this one is larger";
        self.fault(Diagnostic::error(Code::IntegerTooLarge, span, message).help("write it as a float"));
        faulty(span)
    }

    fn name(&mut self, name: &str, span: Span) -> tast::Expr {
        if let Some(var) = self.scope.variable(name) {
            return self.variable(var, name, span);
        }
        match self.cx.program.lookup(self.environment, name) {
            Some(global) => self.global(global, name, span),
            None => {
                let mut fault = Diagnostic::error(Code::UndefinedName, span, format!("`{name}` is not defined"));
                if let Some(near) = self.misspelt(name) {
                    fault = fault.help(format!("did you mean `{near}`?")).replace(span, near);
                } else if builtins::is_python_builtin(name) {
                    fault = Diagnostic::error(
                        Code::UnsupportedCall,
                        span,
                        format!("`{name}` is not part of the kernel language"),
                    )
                    .help(builtins::advice(name));
                } else {
                    fault = fault.help("define it before the function, import it, or make it a parameter");
                }
                self.fault(fault);
                faulty(span)
            }
        }
    }

    /// The name that was meant, if one is near.
    fn misspelt(&self, name: &str) -> Option<String> {
        let mut known: Vec<&str> = self.scope.variables.iter().map(|v| v.name.as_str()).collect();
        known.extend(self.cx.program.visible_names(self.environment));
        for builtin in builtins::names(StdModule::Builtins) {
            known.push(builtin);
        }
        nearest(name, known).map(str::to_owned)
    }

    fn variable(&mut self, var: tast::VarId, name: &str, span: Span) -> tast::Expr {
        let fault = match self.state.slot(var) {
            Slot::Set(def) => {
                let ty = def.ty.clone();
                let kind = match (&def.literal, &ty) {
                    (Some(l), _) => tast::ExprKind::Literal(l.clone()),
                    (None, Ty::Known(_) | Ty::Table(_)) => tast::ExprKind::Known,
                    (None, _) => tast::ExprKind::Variable(var),
                };
                return tast::Expr { kind, ty, span };
            }
            Slot::Unset => Diagnostic::error(Code::MaybeUnset, span, format!("`{name}` is not set here"))
                .label("read here")
                .help(format!("assign `{name}` before; a name that a function assigns is local in all of it")),
            Slot::Maybe(at) => Diagnostic::error(Code::MaybeUnset, span, format!("`{name}` may not be set here"))
                .label("read here")
                .also(*at, "set only if this runs")
                .help(format!("give `{name}` a value before the branch or loop")),
            Slot::Conflict(defs) => {
                let (a, b) = &**defs;
                Diagnostic::error(
                    Code::TypeConflict,
                    span,
                    format!("`{name}` is {} or {} here, by the path taken", indefinite(&a.ty), indefinite(&b.ty)),
                )
                .label("read here")
                .also(a.span, format!("{} here", a.ty))
                .also(b.span, format!("{} here", b.ty))
                .help("convert the values to one type, or use two names")
            }
        };
        self.fault(fault);
        faulty(span)
    }

    /// What a name outside of the function stands for.
    pub(super) fn global(&mut self, global: Global, name: &str, span: Span) -> tast::Expr {
        match global {
            Global::Literal(l) => literal(l, span),
            Global::Known(known) => tast::Expr { kind: tast::ExprKind::Known, ty: Ty::Known(known), span },
            Global::Tuple(items) => {
                if let Some(table) = self.cx.table(name, &items) {
                    return tast::Expr { kind: tast::ExprKind::Known, ty: Ty::Table(table), span };
                }
                if items.len() > MAX_TUPLE {
                    return self.tuple_too_long(items.len(), span);
                }
                let items: Vec<_> = items.iter().map(|item| self.global(item.clone(), name, span)).collect();
                tuple(items, span)
            }
            Global::Unusable(what, place) => {
                let mut fault = Diagnostic::error(
                    Code::UnsupportedType,
                    span,
                    format!("`{name}` is {what}: kernels cannot use it"),
                )
                .help("kernels see numbers, tuples of numbers, functions and modules from outside");
                if let Some(place) = place {
                    fault = fault.also(place, "defined here");
                }
                self.fault(fault);
                faulty(span)
            }
            Global::Removed(removed) => {
                let old = format!("`np.{}`", removed.name);
                let what = if name == removed.name { old } else { format!("`{name}` is {old}, which") };
                let message = format!("{what} was removed from NumPy in version {}", removed.version);
                self.fault(Diagnostic::error(Code::UnknownAttribute, span, message).help(removed.help()));
                faulty(span)
            }
            Global::Imported { .. } | Global::Import(_) => faulty(span),
        }
    }

    fn tuple_too_long(&mut self, len: usize, span: Span) -> tast::Expr {
        let message =
            format!("a tuple of {len} values is too large: {MAX_TUPLE} items, {MAX_LEAVES} in all, is the limit");
        let help = "a constant tuple of numbers of one type may be of any length";
        self.fault(Diagnostic::error(Code::LimitExceeded, span, message).help(help));
        faulty(span)
    }

    fn tuple(&mut self, items: &[Expr], span: Span) -> tast::Expr {
        if items.len() > MAX_TUPLE {
            return self.tuple_too_long(items.len(), span);
        }
        let items: Vec<_> = items.iter().map(|item| self.expr(item)).collect();
        self.checked_tuple(items, span)
    }

    /// A tuple that is not too long.
    pub(super) fn checked_tuple(&mut self, items: Vec<tast::Expr>, span: Span) -> tast::Expr {
        if items.len() > MAX_TUPLE {
            return self.tuple_too_long(items.len(), span);
        }
        let values: usize = items.iter().map(|item| leaves(&item.ty)).sum();
        if values > MAX_LEAVES {
            return self.tuple_too_long(values, span);
        }
        tuple(items, span)
    }

    fn bool_op(&mut self, op: BoolOp, values: &[Expr], span: Span) -> tast::Expr {
        let mut kept: Vec<tast::Expr> = Vec::with_capacity(values.len());
        for (i, value) in values.iter().enumerate() {
            let value = self.expr(value);
            let last = i + 1 == values.len();
            if !last {
                self.check_truth(&value);
            }
            // A constant decides the rest, or is left out.
            match literal_of(&value).map(Literal::truth) {
                Some(truth) if truth == (op == BoolOp::Or) => {
                    kept.push(value);
                    break;
                }
                Some(_) if !last => {}
                Some(_) | None => kept.push(value),
            }
        }
        if kept.len() == 1 {
            return kept.swap_remove(0);
        }
        let mut ty = kept[0].ty.clone();
        for value in &kept[1..] {
            ty = match ty.join(&value.ty) {
                Some(joined) => joined,
                None => return self.no_join(op_name(op), &kept[0], value, span),
            };
        }
        tast::Expr { kind: tast::ExprKind::BoolOp { op, values: kept }, ty, span }
    }

    fn no_join(&mut self, what: &str, a: &tast::Expr, b: &tast::Expr, span: Span) -> tast::Expr {
        let message = format!("{what} gives {} or {}, by the path taken", indefinite(&a.ty), indefinite(&b.ty));
        let fault = Diagnostic::error(Code::TypeConflict, span, message)
            .also(a.span, format!("this is {}", a.ty))
            .also(b.span, format!("this is {}", b.ty))
            .help("convert the values to one type");
        self.fault(fault);
        faulty(span)
    }

    fn conditional(&mut self, test: &Expr, body: &Expr, orelse: &Expr, span: Span) -> tast::Expr {
        let test = self.condition(test);
        if let Some(truth) = literal_of(&test).map(Literal::truth) {
            return self.expr(if truth { body } else { orelse });
        }
        let body = self.expr(body);
        let orelse = self.expr(orelse);
        match body.ty.join(&orelse.ty) {
            Some(ty) => {
                let (test, body, orelse) = (Box::new(test), Box::new(body), Box::new(orelse));
                tast::Expr { kind: tast::ExprKind::Conditional { test, body, orelse }, ty, span }
            }
            None => self.no_join("the conditional expression", &body, &orelse, span),
        }
    }

    /// A test: an expression whose truth is asked for.
    pub(super) fn condition(&mut self, e: &Expr) -> tast::Expr {
        let test = self.expr(e);
        self.check_truth(&test);
        test
    }

    pub(super) fn check_truth(&mut self, e: &tast::Expr) {
        match &e.ty {
            Ty::Error | Ty::Unknown | Ty::None | Ty::Py(_) | Ty::Np(_) | Ty::Either(..) => {}
            Ty::Ptr { .. } | Ty::Tuple(_) | Ty::Table(_) | Ty::Str => {}
            Ty::Array(array) if array.rank == 0 => {}
            Ty::Array(_) => {
                let message = "the truth value of an array with more than one element is ambiguous";
                let help = "test an element, the length, `np.any(a)` or `np.all(a)`";
                self.fault(Diagnostic::error(Code::TypeMismatch, e.span, message).help(help));
            }
            Ty::Known(_) => {
                let message = format!("{} is always true", indefinite(&e.ty));
                self.fault(
                    Diagnostic::error(Code::TypeMismatch, e.span, message).help("call it, or leave out the test"),
                );
            }
        }
    }

    fn compare(&mut self, left: &Expr, rest: &[(CompareOp, Expr)], span: Span) -> tast::Expr {
        let dtypes = (names_dtype(left), rest.first().is_some_and(|(_, right)| names_dtype(right)));
        let left = self.expr(left);
        let rest: Vec<(CompareOp, tast::Expr)> = rest.iter().map(|(op, e)| (*op, self.expr(e))).collect();
        if let [(op, right)] = rest.as_slice() {
            if let Some(truth) = compare_dtypes(*op, dtypes, &left, right).or_else(|| identity(*op, &left, right)) {
                return literal(Literal::Bool(truth), span);
            }
            if let (Some(a), Some(b)) = (literal_of(&left), literal_of(right))
                && let Some(truth) = fold::compare(*op, a, b)
            {
                return literal(Literal::Bool(truth), span);
            }
        }
        let mut ty: Option<Ty> = None;
        let mut previous = &left;
        for (op, right) in &rest {
            let link = match self.link(*op, previous, right) {
                Some(link) => link,
                None => return faulty(span),
            };
            ty = match ty {
                None => Some(link),
                Some(before) => before.join(&link),
            };
            previous = right;
        }
        if rest.len() > 1
            && std::iter::once(&left).chain(rest.iter().map(|(_, e)| e)).any(|e| e.ty.as_array().is_some())
        {
            let message = "a chain of comparisons asks for the truth of an array, which is ambiguous";
            let help = "write `(a < b) & (b < c)`";
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
            return faulty(span);
        }
        let ty = ty.unwrap_or(Ty::BOOL);
        tast::Expr { kind: tast::ExprKind::Compare { left: Box::new(left), rest }, ty, span }
    }

    /// The type of one comparison of a chain.
    fn link(&mut self, op: CompareOp, left: &tast::Expr, right: &tast::Expr) -> Option<Ty> {
        let span = left.span.to(right.span);
        match op {
            CompareOp::Is | CompareOp::IsNot => {
                let message = format!("`{}` compares identities, which numbers do not have in kernels", op.symbol());
                let equal = if op == CompareOp::Is { "==" } else { "!=" };
                let help = format!("compare with `{equal}`; `is` and `is not` are for None");
                self.fault(Diagnostic::error(Code::UnsupportedOperand, span, message).help(help));
                None
            }
            CompareOp::In | CompareOp::NotIn => {
                let items: Vec<Ty> = match &right.ty {
                    _ if left.ty.as_array().is_some() => {
                        let message = "`in` asks for the truth of comparisons with an array, which is ambiguous";
                        let help = "write `np.any(a == x)`";
                        self.fault(Diagnostic::error(Code::UnsupportedOperand, span, message).help(help));
                        return None;
                    }
                    Ty::Tuple(items) => items.to_vec(),
                    Ty::Table(id) => vec![self.cx.tables[*id].element.clone()],
                    Ty::Error | Ty::Unknown => return Some(Ty::BOOL),
                    other => {
                        let message = format!("`in` cannot search {}", indefinite(other));
                        let help = if other.as_array().is_some() {
                            "write `np.any(a == x)`"
                        } else {
                            "write a tuple, or a loop"
                        };
                        self.fault(Diagnostic::error(Code::UnsupportedOperand, span, message).help(help));
                        return None;
                    }
                };
                items.iter().try_for_each(|item| self.comparable(CompareOp::Eq, &left.ty, item, span).map(|_| ()))?;
                Some(Ty::BOOL)
            }
            _ => self.comparable(op, &left.ty, &right.ty, span),
        }
    }

    fn comparable(&mut self, op: CompareOp, a: &Ty, b: &Ty, span: Span) -> Option<Ty> {
        match comparison_type(op, a, b) {
            Ok(ty) => Some(ty),
            Err(why) => {
                let message = format!("`{}` is not defined for {} and {}", op.symbol(), indefinite(a), indefinite(b));
                self.report(why, span, message);
                None
            }
        }
    }

    fn attribute(&mut self, value: &Expr, name: &Ident, span: Span) -> tast::Expr {
        let of = self.expr(value);
        match &of.ty {
            Ty::Error | Ty::Unknown => faulty(span),
            Ty::Known(module @ (Known::Module(_) | Known::UserModule(_))) => {
                match self.cx.program.member(*module, &name.text) {
                    Some(global) => self.global(global, &name.text, span),
                    None => self.no_member(*module, name, span),
                }
            }
            Ty::Array(array) => {
                let array = *array;
                match self.array_attribute(of, array, name, span) {
                    Some(attribute) => attribute,
                    None => {
                        self.no_array_attribute(array, name);
                        faulty(span)
                    }
                }
            }
            other => {
                let message = format!("{} has no attribute `{}` in kernels", indefinite(other), name.text);
                let help = "numbers have `view` and `item`, arrays `shape`, `size`, `ndim` and more";
                self.fault(Diagnostic::error(Code::UnknownAttribute, name.span, message).help(help));
                faulty(span)
            }
        }
    }

    fn no_member(&mut self, module: Known, name: &Ident, span: Span) -> tast::Expr {
        let (of, near, advice) = match module {
            Known::Module(m) => {
                let near = nearest(&name.text, builtins::names(m));
                (m.name().to_owned(), near, builtins::member_advice(m, &name.text))
            }
            _ => ("the module".to_owned(), None, None),
        };
        let message = format!("`{of}` has no `{}` that kernels can use", name.text);
        let mut fault = Diagnostic::error(Code::UnknownAttribute, name.span, message);
        fault = match near {
            _ if let Some(advice) = advice => fault.help(advice),
            Some(near) => fault.help(format!("did you mean `{near}`?")).replace(name.span, near),
            None => fault.help("compute it outside of the kernel and pass it in, or write it as a function"),
        };
        self.fault(fault);
        faulty(span)
    }
}

pub(super) fn tuple(items: Vec<tast::Expr>, span: Span) -> tast::Expr {
    let ty = if items.iter().any(|i| i.ty == Ty::Error) {
        Ty::Error
    } else {
        Ty::Tuple(items.iter().map(|i| i.ty.clone()).collect())
    };
    tast::Expr { kind: tast::ExprKind::Tuple(items), ty, span }
}

/// The values that a value is made of; tuples in tuples count by what is in them.
fn leaves(ty: &Ty) -> usize {
    match ty {
        Ty::Tuple(items) => items.iter().map(leaves).sum::<usize>().max(1),
        _ => 1,
    }
}

fn op_name(op: BoolOp) -> &'static str {
    match op {
        BoolOp::And => "`and`",
        BoolOp::Or => "`or`",
    }
}

/// `x is None` and alike, which types decide.
fn identity(op: CompareOp, left: &tast::Expr, right: &tast::Expr) -> Option<bool> {
    let none = |e: &tast::Expr| e.ty == Ty::None;
    let same = match (none(left), none(right)) {
        _ if left.ty.is_vague() || right.ty.is_vague() => return None,
        (true, true) => true,
        // NumPy compares every element with None.
        _ if matches!(op, CompareOp::Eq | CompareOp::NotEq)
            && (left.ty.as_array().is_some() || right.ty.as_array().is_some()) =>
        {
            return None;
        }
        (true, false) | (false, true) => false,
        (false, false) => match (&left.ty, &right.ty) {
            // Whether a dtype of an array or a class of scalars is meant decides what it equals.
            (Ty::Known(Known::Dtype(_)), Ty::Known(Known::Builtin(_)))
            | (Ty::Known(Known::Builtin(_)), Ty::Known(Known::Dtype(_))) => return None,
            (Ty::Known(a), Ty::Known(b)) => a == b,
            _ => return None,
        },
    };
    match op {
        CompareOp::Is | CompareOp::Eq => Some(same),
        CompareOp::IsNot | CompareOp::NotEq => Some(!same),
        _ => None,
    }
}

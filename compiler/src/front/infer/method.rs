//! Methods of arrays: functions of `numpy` with the array as their first argument.

use super::Body;
use super::call::{converted, named_dtype};
use super::expr::{faulty, literal};
use super::unsupported::{indefinite, nearest};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::builtins::{self, Builtin, CreationFn};
use crate::front::environment::StdModule;
use crate::front::syntax::{Expr, Ident, Keyword};
use crate::front::tast::{self, Literal, Ty};
use crate::types::ArrayType;

/// The methods that are functions of `numpy`, under the same names.
const METHODS: [&str; 15] = [
    "sum", "prod", "min", "max", "mean", "var", "std", "any", "all", "argmin", "argmax", "dot", "copy", "clip", "round",
];

impl Body<'_, '_> {
    pub(super) fn array_method(
        &mut self,
        of: tast::Expr,
        array: ArrayType,
        name: &Ident,
        args: &[Expr],
        keywords: &[Keyword],
        span: Span,
    ) -> tast::Expr {
        let values: Vec<tast::Expr> = args.iter().map(|a| self.expr(a)).collect();
        let named: Vec<(&Keyword, tast::Expr)> = keywords.iter().map(|k| (k, self.expr(&k.value))).collect();
        let method = METHODS.iter().find(|method| **method == name.text);
        match method.and_then(|method| builtins::function(StdModule::Numpy, method)) {
            Some(builtin) => {
                let mut all = vec![of];
                all.extend(values);
                // The method copies to C order, the function keeps the order.
                let copies = builtin == Builtin::Creation(CreationFn::Copy);
                if copies && all.len() == 1 && named.is_empty() {
                    all.push(literal(Literal::Str("C".into()), span));
                }
                self.call_placed(builtin, all, named, span)
            }
            None if name.text == "fill" && values.len() == 1 && named.is_empty() => {
                if self.check_array_store(array, &Ty::Array(array), &values[0].ty, span).is_none() {
                    return faulty(span);
                }
                let all = std::iter::once(of).chain(values).collect();
                self.call_placed(Builtin::Creation(CreationFn::Fill), all, named, span)
            }
            None if name.text == "astype" => self.astype(of, values, named, span),
            None => {
                let mut known: Vec<&str> = METHODS.to_vec();
                known.extend(["astype", "fill"]);
                let ty = Ty::Array(array);
                let message = format!("{} has no method `{}` in kernels", indefinite(&ty), name.text);
                let help = match nearest(&name.text, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("arrays have {}", known.join(", ")),
                };
                self.fault(Diagnostic::error(Code::UnknownAttribute, name.span, message).help(help));
                faulty(span)
            }
        }
    }

    /// `a.astype(dtype)`: a copy, unless the array has the dtype and `copy=False` is given.
    fn astype(
        &mut self,
        of: tast::Expr,
        mut args: Vec<tast::Expr>,
        named: Vec<(&Keyword, tast::Expr)>,
        span: Span,
    ) -> tast::Expr {
        let mut copy = true;
        for (keyword, value) in named {
            match (keyword.name.as_ref().map_or("", |n| n.text.as_str()), &value.kind) {
                ("dtype", _) if args.is_empty() => args.push(value),
                ("copy", tast::ExprKind::Literal(Literal::Bool(b))) => copy = *b,
                _ => {
                    let message = "`astype` takes a dtype, and `copy` as True or False, in kernels";
                    self.fault(Diagnostic::error(Code::WrongArguments, keyword.span, message));
                    return faulty(span);
                }
            }
        }
        let dtype = match args.as_slice() {
            [dtype] => named_dtype(dtype),
            _ => None,
        };
        match dtype {
            Some(dtype) if !copy && of.ty.as_array().is_some_and(|a| a.dtype == dtype) => of,
            Some(dtype) => converted(of, dtype, span),
            None => {
                let message = "`astype` takes a dtype such as np.float64";
                self.fault(Diagnostic::error(Code::WrongArguments, span, message));
                faulty(span)
            }
        }
    }
}

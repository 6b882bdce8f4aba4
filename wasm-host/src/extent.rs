//! How many elements a pointer of a C signature leads to, as an expression over its integer parameters.
//!
//! `m*n + 1`: whole numbers, parameter names, `+`, `-`, `*` and parentheses.

use std::fmt;

/// Longer expressions are refused; so nesting is bounded too.
const MAX_LENGTH: usize = 200;

/// A parsed expression. A negative value counts as 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extent(Node);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Node {
    Number(i64),
    /// By position in the C signature.
    Param(usize),
    Binary(Operator, Box<Node>, Box<Node>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Add,
    Sub,
    Mul,
}

/// What is wrong with an expression, in words that follow "extent `...`: ".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExtentError(pub String);

impl fmt::Display for ExtentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Extent {
    pub fn number(elements: u32) -> Extent {
        Extent(Node::Number(i64::from(elements)))
    }

    /// The value of the parameter at `index`.
    pub fn param(index: usize) -> Extent {
        Extent(Node::Param(index))
    }

    /// Parses `text`; `param` says which position a name has, and `None` for names that are no integer parameter.
    pub fn parse(text: &str, param: &dyn Fn(&str) -> Option<usize>) -> Result<Extent, ExtentError> {
        if text.len() > MAX_LENGTH {
            return Err(ExtentError(format!("longer than {MAX_LENGTH} characters")));
        }
        let mut parser = Parser { rest: text.trim_start(), param };
        let node = parser.sum()?;
        match parser.rest.chars().next() {
            None => Ok(Extent(node)),
            Some(c) => Err(ExtentError(format!("`{c}` is not expected here"))),
        }
    }

    /// The number of elements for the given arguments; `None` if it does not fit.
    pub(crate) fn elements(&self, argument: &dyn Fn(usize) -> i64) -> Option<usize> {
        usize::try_from(self.0.value(argument)?.max(0)).ok()
    }
}

impl Node {
    fn value(&self, argument: &dyn Fn(usize) -> i64) -> Option<i64> {
        match self {
            Node::Number(n) => Some(*n),
            Node::Param(i) => Some(argument(*i)),
            Node::Binary(op, a, b) => {
                let (a, b) = (a.value(argument)?, b.value(argument)?);
                match op {
                    Operator::Add => a.checked_add(b),
                    Operator::Sub => a.checked_sub(b),
                    Operator::Mul => a.checked_mul(b),
                }
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    param: &'a dyn Fn(&str) -> Option<usize>,
}

impl Parser<'_> {
    fn sum(&mut self) -> Result<Node, ExtentError> {
        let mut left = self.product()?;
        loop {
            let op = if self.eat('+') {
                Operator::Add
            } else if self.eat('-') {
                Operator::Sub
            } else {
                return Ok(left);
            };
            left = Node::Binary(op, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, ExtentError> {
        let mut left = self.atom()?;
        while self.eat('*') {
            left = Node::Binary(Operator::Mul, Box::new(left), Box::new(self.atom()?));
        }
        Ok(left)
    }

    fn atom(&mut self) -> Result<Node, ExtentError> {
        if self.eat('(') {
            let node = self.sum()?;
            return if self.eat(')') { Ok(node) } else { Err(ExtentError("a `)` is missing".to_string())) };
        }
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if name.is_empty() {
            return Err(ExtentError("a number or a parameter's name is missing".to_string()));
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return name.parse().map(Node::Number).map_err(|_| ExtentError(format!("`{name}` is not a number")));
        }
        let unknown = || ExtentError(format!("`{name}` is not an integer parameter of the signature"));
        (self.param)(name).map(Node::Param).ok_or_else(unknown)
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Option<usize>, String> {
        let param = |name: &str| ["m", "n"].iter().position(|p| *p == name);
        let extent = Extent::parse(text, &param).map_err(|e| e.0)?;
        Ok(extent.elements(&|i| [6, 7][i]))
    }

    #[test]
    fn expressions() {
        assert_eq!(check("m*n"), Ok(Some(42)));
        assert_eq!(check(" 1 + m * ( n - 2 ) "), Ok(Some(31)));
        assert_eq!(check("m - n - 1"), Ok(Some(0)));
        assert_eq!(check("10 - 2 - 3"), Ok(Some(5)));
        assert_eq!(check("9223372036854775807 * 2"), Ok(None));
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(check("k"), Err("`k` is not an integer parameter of the signature".to_string()));
        assert_eq!(check("(m"), Err("a `)` is missing".to_string()));
        assert_eq!(check("m n"), Err("`n` is not expected here".to_string()));
        assert_eq!(check(""), Err("a number or a parameter's name is missing".to_string()));
        assert_eq!(check("12x"), Err("`12x` is not a number".to_string()));
        assert_eq!(check(&"(".repeat(300)), Err("longer than 200 characters".to_string()));
    }
}

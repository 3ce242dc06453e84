//! A function with where its values lie, worked out once for any number of calls.

use serde_json::Value;

use crate::decode::{self, LayoutError};
use crate::encode::{self, Given, ValueError};
use crate::shape::Shape;
use crate::{Function, layout};

/// A function of an interface, ready to have its arguments encoded and its results decoded.
#[derive(Debug)]
pub struct Signature {
    function: Function,
    params: Vec<(usize, Shape<'static>)>,
    /// Bytes of the parameter record.
    size: usize,
    result: Option<Shape<'static>>,
}

impl Signature {
    /// Works out where the values of a function lie.
    pub fn of(function: &Function) -> Self {
        let (params, size) = layout::parameters(function);
        let owned = |(offset, shape): (usize, Shape<'_>)| (offset, shape.into_owned());
        Signature {
            function: function.clone(),
            params: params.into_iter().map(owned).collect(),
            size,
            result: function.result.as_ref().map(|ty| Shape::of(ty).into_owned()),
        }
    }

    /// The function.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// As [`encode::args`].
    ///
    /// # Errors
    /// As for [`encode::args`].
    pub fn encode(&self, args: &[Value]) -> Result<Vec<u8>, ValueError> {
        let mut block = Vec::new();
        self.encode_into(&mut block, args)?;
        Ok(block)
    }

    /// The same into a buffer, whose room serves one call after the other. What it held is gone.
    ///
    /// # Errors
    /// As for [`encode::args`].
    pub fn encode_into(&self, block: &mut Vec<u8>, args: &[Value]) -> Result<(), ValueError> {
        encode::record(block, &self.function, &self.params, self.size, args)
    }

    /// The same, where lists of numbers may lie elsewhere. Such a list has its offset, to be filled
    /// in, where [`Signature::list`] says.
    ///
    /// # Errors
    /// As for [`encode::args`], and when what lies elsewhere is to be no list of numbers.
    pub fn encode_with(&self, args: &[Given<'_>]) -> Result<Vec<u8>, ValueError> {
        encode::mixed(&self.function, &self.params, self.size, args)
    }

    /// Where in the argument block a parameter stands that is a list of numbers, and the size of a
    /// number; `None` for another type. Truth values and characters are no numbers: not all bits
    /// are one.
    pub fn list(&self, parameter: usize) -> Option<(usize, usize)> {
        let (at, shape) = self.params.get(parameter)?;
        Some((*at, encode::numbers(&shape.ty)?))
    }

    /// As [`decode::result`].
    ///
    /// # Errors
    /// As for [`decode::result`].
    pub fn decode(&self, block: &[u8]) -> Result<Value, LayoutError> {
        decode::shaped(self.result.as_ref(), block)
    }
}

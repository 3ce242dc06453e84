//! A function with where its values lie, worked out once for any number of calls.

use serde_json::Value;

use crate::decode::{self, LayoutError};
use crate::encode::{self, ValueError};
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
        encode::record(&self.function, &self.params, self.size, args)
    }

    /// As [`decode::result`].
    ///
    /// # Errors
    /// As for [`decode::result`].
    pub fn decode(&self, block: &[u8]) -> Result<Value, LayoutError> {
        decode::shaped(self.result.as_ref(), block)
    }
}

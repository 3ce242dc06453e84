//! Arguments of which some are not in the block: lists of numbers that lie in a file.

use serde_json::Value;

use super::{ValueError, placed, put, start, store, unlike};
use crate::shape::Shape;
use crate::{Function, Type, layout};

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub enum Given<'v> {
    /// A value, to be laid out in the block.
    Value(&'v Value),
    /// A list of so many numbers that will lie elsewhere: whoever knows where fills in the offset.
    Elsewhere(u64),
}

/// As [`super::record`], where lists may lie elsewhere; which parameters can, [`numbers`] says.
pub(crate) fn mixed(
    function: &Function,
    params: &[(usize, Shape<'_>)],
    size: usize,
    args: &[Given<'_>],
) -> Result<Vec<u8>, ValueError> {
    let mut block = Vec::new();
    start(&mut block, function, size, args.len())?;
    for (i, ((at, shape), given)) in params.iter().zip(args).enumerate() {
        let put = match given {
            Given::Value(value) => put(&mut block, *at, shape, value),
            Given::Elsewhere(count) if numbers(&shape.ty).is_some() => {
                store(&mut block, at + 8, &count.to_le_bytes());
                Ok(())
            }
            Given::Elsewhere(_) => Err(unlike(&shape.ty, "numbers elsewhere".to_owned())),
        };
        put.map_err(|fault| placed(fault, &format!("args[{i}]")))?;
    }
    Ok(block)
}

/// Bytes of an element of a list of numbers, of which any bits are a value; `None` for another type.
pub(crate) fn numbers(ty: &Type) -> Option<usize> {
    let Type::List(element) = ty else { return None };
    let is_number = element.is_scalar() && !matches!(**element, Type::Bool | Type::Char);
    is_number.then(|| layout::size_of(element))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Param, Signature};

    fn signature(types: &[Type]) -> Signature {
        let params = types.iter().map(|ty| Param { name: "p".into(), ty: ty.clone() }).collect();
        Signature::of(&Function { name: "f".into(), params, result: None })
    }

    fn list(ty: Type) -> Type {
        Type::List(Box::new(ty))
    }

    #[test]
    fn a_list_elsewhere_has_its_count_and_no_offset_yet() {
        let signature = signature(&[Type::U8, list(Type::U32), Type::String]);
        let text = json!("ab");
        let given = [Given::Value(&json!(7)), Given::Elsewhere(1 << 40), Given::Value(&text)];
        let block = signature.encode_with(&given).unwrap();
        let word = |at: usize| u64::from_le_bytes(block[at..at + 8].try_into().unwrap());
        assert_eq!(signature.list(1), Some((8, 4)));
        assert_eq!((block[0], word(8), word(16), word(24), word(32)), (7, 0, 1 << 40, 40, 2));
        // Without any it is the block that it always was.
        let args = [json!(7), json!([1, 2]), text];
        let values: Vec<_> = args.iter().map(Given::Value).collect();
        assert_eq!(signature.encode_with(&values).unwrap(), signature.encode(&args).unwrap());
    }

    #[test]
    fn only_lists_of_numbers_may_lie_elsewhere() {
        use Type::*;
        for (ty, size) in [(U8, 1), (S8, 1), (U16, 2), (S32, 4), (F32, 4), (S64, 8), (F64, 8)] {
            assert_eq!(signature(&[list(ty)]).list(0), Some((0, size)));
        }
        let others =
            [U8, String, list(Bool), list(Char), list(String), list(list(U8)), U8.option()];
        for ty in others {
            let signature = signature(std::slice::from_ref(&ty));
            assert_eq!(signature.list(0), None, "{ty}");
            let error = signature.encode_with(&[Given::Elsewhere(1)]).unwrap_err().to_string();
            assert!(
                error.starts_with("args[0]: expected ") && error.ends_with("elsewhere"),
                "{error}"
            );
        }
        assert!(signature(&[]).encode_with(&[Given::Elsewhere(0)]).is_err());
        assert_eq!(signature(&[]).list(0), None);
    }
}

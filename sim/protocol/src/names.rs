//! Values that files hold by their names.

/// Lets values of a type be written by a name, and read by it: what they are, the name of one, and
/// the one with a name.
macro_rules! by_name {
    ($type:ty, $what:literal, $name:expr, $find:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let name: fn($type) -> &'static str = $name;
                to.serialize_str(name(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let name = String::deserialize(from)?;
                let unknown =
                    || serde::de::Error::custom(format!("there is no {} {name:?}", $what));
                ($find)(name.as_str()).ok_or_else(unknown)
            }
        }
    };
}

pub(crate) use by_name;

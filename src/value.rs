//! The Ruby-faithful tree in which all serializers meet.

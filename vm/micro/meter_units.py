"""Caches and TLBs of the accounting build, in generated code: associative look-ups with the most recently used first.

The text of three functions over a unit of the meter's record (meter_layout.UNIT); meter_reference.py says the same in
Python. A set is a row of tags in the order of their use: a hit moves its tag to the front, a miss puts one there and
the last one out.
"""

from __future__ import annotations

from vm.micro.meter_layout import CELL, NOTHING, SPAN, UNIT
from vm.state import LAYOUT

_TAGS, _SETS, _WAYS, _SHIFT = (int(UNIT.fields[name][1]) for name in UNIT.names)  # type: ignore[union-attr]


def _unit() -> str:
    """The first lines of each function: the unit's fields."""
    fields = "".join(
        f"  %p{name} = getelementptr i8, ptr %record, i64 {offset}\n  %{name} = load {kind}, ptr %p{name}\n"
        for name, offset, kind in (
            ("tags", _TAGS, "ptr"), ("sets", _SETS, "i64"), ("ways", _WAYS, "i64"), ("wide_shift", _SHIFT, "i64"),
        )
    )  # fmt: skip
    return f"""entry:
  %host = getelementptr i8, ptr %st, i64 {LAYOUT["meter_host"][0]}
  %meter = load ptr, ptr %host
  %units = getelementptr i8, ptr %meter, i64 {8 * CELL["units"]}
  %scaled = mul i64 %unit, {UNIT.itemsize}
  %record = getelementptr i8, ptr %units, i64 %scaled
{fields}  %set_mask = sub i64 %sets, 1
  %last_way = sub i64 %ways, 1
"""


def _search(before: str, hit: str, absent: str) -> str:
    """The lines behind label `before` that look %block up: they go to `hit`, where %k is its way, or to `absent`."""
    return f"""  %wide = zext i32 %block to i64
  %set = and i64 %wide, %set_mask
  %start = mul i64 %set, %ways
  %row = getelementptr i32, ptr %tags, i64 %start
  br label %search
search:
  %k = phi i64 [ 0, %{before} ], [ %k1, %other ]
  %at = getelementptr i32, ptr %row, i64 %k
  %tag = load i32, ptr %at
  %hit = icmp eq i32 %tag, %block
  br i1 %hit, label %{hit}, label %missing
missing:
  %end = icmp eq i64 %k, %last_way
  br i1 %end, label %{absent}, label %other
other:
  %k1 = add i64 %k, 1
  br label %search
"""


def unit_functions() -> str:
    """-> the text of @touch, @forget and @forget_all."""
    return f"""
define internal i64 @touch(ptr %st, i64 %unit, i32 %first, i32 %last, i32 %allocate) nounwind noinline {{
{_unit()}
  %shift = trunc i64 %wide_shift to i32
  %from = lshr i32 %first, %shift
  %to = lshr i32 %last, %shift
  %blocks = lshr i32 -1, %shift
  %allocates = icmp ne i32 %allocate, 0
  %span = sub i32 %last, %first
  %near = icmp ult i32 %span, {SPAN}
  br label %line
line:
  %block = phi i32 [ %from, %entry ], [ %next, %advance ]
  %sum = phi i64 [ 0, %entry ], [ %total, %advance ]
{_search("line", hit="front", absent="missed")}missed:
  br i1 %allocates, label %front, label %counted
front:
  %place = phi i64 [ %k, %search ], [ %last_way, %missed ]
  %absent = phi i64 [ 0, %search ], [ 1, %missed ]
  br label %move
move:
  %j = phi i64 [ %place, %front ], [ %j1, %step ]
  %first_place = icmp eq i64 %j, 0
  br i1 %first_place, label %put, label %step
step:
  %j1 = sub i64 %j, 1
  %source = getelementptr i32, ptr %row, i64 %j1
  %sink = getelementptr i32, ptr %row, i64 %j
  %kept = load i32, ptr %source
  store i32 %kept, ptr %sink
  br label %move
put:
  store i32 %block, ptr %row
  br label %counted
counted:
  %miss = phi i64 [ %absent, %put ], [ 1, %missed ]
  %one_more = add i64 %sum, {1 << 32}
  %total = add i64 %one_more, %miss
  %over = icmp eq i32 %block, %to
  br i1 %over, label %done, label %advance
advance:
  %block1 = add i32 %block, 1
  %following = and i32 %block1, %blocks
  %next = select i1 %near, i32 %following, i32 %to
  br label %line
done:
  ret i64 %total
}}

define internal void @forget(ptr %st, i64 %unit, i32 %block) nounwind noinline {{
{_unit()}
{_search("entry", hit="move", absent="done")}move:
  %j = phi i64 [ %k, %search ], [ %j1, %step ]
  %sink = getelementptr i32, ptr %row, i64 %j
  %last_place = icmp eq i64 %j, %last_way
  br i1 %last_place, label %empty, label %step
step:
  %j1 = add i64 %j, 1
  %source = getelementptr i32, ptr %row, i64 %j1
  %kept = load i32, ptr %source
  store i32 %kept, ptr %sink
  br label %move
empty:
  store i32 {NOTHING}, ptr %sink
  br label %done
done:
  ret void
}}

define internal void @forget_all(ptr %st, i64 %unit) nounwind noinline {{
{_unit()}
  %entries = mul i64 %sets, %ways
  br label %check
check:
  %k = phi i64 [ 0, %entry ], [ %k1, %one ]
  %more = icmp ult i64 %k, %entries
  br i1 %more, label %one, label %done
one:
  %at = getelementptr i32, ptr %tags, i64 %k
  store i32 {NOTHING}, ptr %at
  %k1 = add i64 %k, 1
  br label %check
done:
  ret void
}}
"""

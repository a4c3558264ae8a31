from __future__ import annotations

import asyncio

from convai.desk.deadlines import Deadlines
from tests import virtual


def test_what_is_due_comes_in_its_order() -> None:
    async def main() -> None:
        clock = asyncio.get_running_loop().time
        deadlines = Deadlines()
        deadlines.put("late", 20)
        deadlines.put("early", 10)
        deadlines.put("never", 15)
        deadlines.drop("never")
        deadlines.drop("unknown")
        assert deadlines.left_s("late") == 20 and deadlines.left_s("never") == 0
        assert (await deadlines.next(), clock()) == ("early", 10)
        deadlines.put("late", 30)
        assert len(deadlines) == 1
        assert (await deadlines.next(), clock()) == ("late", 40)

    virtual.run(main())


def test_something_earlier_may_come_while_we_wait() -> None:
    async def main() -> None:
        deadlines = Deadlines()

        async def put() -> None:
            await asyncio.sleep(5)
            deadlines.put("sooner", 1)

        deadlines.put("later", 100)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(put())
            assert await deadlines.next() == "sooner"
        assert asyncio.get_running_loop().time() == 6

    virtual.run(main())

"""Provisioning: read the account, tell what would change, and change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..elevenlabs.brief import impossible
from ..profile import Profile
from ..tools.tool import Tool
from .account import Account, AccountError
from .difference import changed, differences, shown
from .plan import Plan, ToolStep, client_tools, tool_step
from .wanted import unknown_variables

__all__ = ["Order", "Tell", "provision"]

Tell: TypeAlias = Callable[[str], None]
"Takes a line for the person at the terminal."


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for on the command line."""

    profile: Profile
    tools: tuple[Tool, ...] = ()
    agent_id: str | None = None
    "None: a new agent."
    name: str | None = None
    output_format: str | None = None
    dry_run: bool = False


async def provision(account: Account, order: Order, tell: Tell) -> str | None:
    """The agent's id; None when it would be a new one, but for the dry run.

    Raises AccountError and DialectError; the agent itself is written last, so that it
    is never left with tools that are not there.
    """
    plan = await _planned(account, order)
    _warn(plan, tell)
    attached = plan.tool_ids
    steps = [
        tool_step(tool, await account.tools_named(tool.name), attached)
        for tool in client_tools(order.tools)
    ]
    _tell_changes(plan, steps, order.agent_id, tell)
    if order.dry_run:
        tell("Dry run: nothing was changed.")
        return order.agent_id
    ids = [await _tool_written(account, step) for step in steps]
    return await _agent_written(account, plan, ids, order.agent_id, tell)


async def _planned(account: Account, order: Order) -> Plan:
    plan = Plan(
        profile=order.profile,
        tools=order.tools,
        name=order.name,
        output_format=order.output_format,
    )
    if order.agent_id is not None:
        return replace(plan, there=await account.agent(order.agent_id))
    name = order.name or order.profile.shown
    if same := await account.agents_named(name):
        raise AccountError(
            f"there is an agent named {name} already: change it with --agent-id"
            f" {same[0]}, or give the new one another --name"
        )
    return plan


def _warn(plan: Plan, tell: Tell) -> None:
    for line in impossible(plan.profile):
        tell(f"Left out: {line}")
    for name in unknown_variables(plan.profile, plan.examples):
        tell(f"Warning: nothing fills {{{{{name}}}}}; calls will fail until it is set")


def _tell_changes(
    plan: Plan, steps: list[ToolStep], agent_id: str | None, tell: Tell
) -> None:
    new_ids = [step.tool_id or f"(new) {step.name}" for step in steps]
    changes = plan.changes(new_ids)
    for step in steps:
        if step.changes:
            tell(f"Tool {step.name} ({step.tool_id or 'new'}):")
        for change in step.changes:
            tell(f"  {shown(change)}")
    if changes:
        tell(f"Agent ({agent_id or 'new'}):")
    for change in changes:
        tell(f"  {shown(change)}")
    if not changes and not any(step.changes for step in steps):
        tell("Nothing to change.")


async def _tool_written(account: Account, step: ToolStep) -> str:
    if step.tool_id is None:
        return await account.create_tool(step.config)
    if step.changes:
        await account.change_tool(step.tool_id, step.config)
    return step.tool_id


async def _agent_written(
    account: Account, plan: Plan, ids: list[str], agent_id: str | None, tell: Tell
) -> str:
    settings = plan.settings(ids)
    if agent_id is None:
        agent_id = await account.create_agent(settings)
    elif changes := plan.changes(ids):
        await account.change_agent(agent_id, changed(changes, settings))
    else:
        return agent_id
    for change in differences(await account.agent(agent_id), settings):
        tell(f"Warning: ElevenLabs has it otherwise: {shown(change)}")
    return agent_id

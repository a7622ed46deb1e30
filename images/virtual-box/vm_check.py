"""Compares what a running guest sees with what its description says it should see."""

import io

import vm_machine
from vm_guest import GuestError

# Prints one line "KEY VALUE" per fact; a file that is absent gives an empty value.
GATHER = r"""
cd /sys/devices/system
for file in node/online node/has_cpu node/has_memory cpu/online cpu/offline; do echo "$file $(cat $file)"; done
for node in node/node[0-9]*; do
  echo "$node/cpulist $(cat $node/cpulist)"; echo "$node/distance $(tr ' ' , < $node/distance)"
done
ls /sys/kernel/iommu_groups | echo "iommu_groups $(wc -l)"
echo "kfd_nodes $(ls /sys/class/kfd/kfd/topology/nodes 2>/dev/null | wc -l)"
cd /sys/bus/pci/devices
for device in *; do
  id=$(cut -c3- $device/vendor):$(cut -c3- $device/device)
  echo "$device/id $id"; echo "$device/numa_node $(cat $device/numa_node)"
  driver=$(readlink $device/driver); echo "$device/driver ${driver##*/}"
  for file in current_link_speed current_link_width max_link_speed max_link_width sriov_totalvfs; do
    [ -e $device/$file ] && echo "$device/$file $(cat $device/$file)"
  done
done
true
"""


def compare(guest, description):
    """Prints every difference; returns 0 if there is none, else 1."""
    facts = gather(guest)
    wanted = list(expectations(description))
    differences = [(key, want, facts.get(key, "")) for key, want in wanted if facts.get(key, "") != want]
    for key, want, found in differences:
        print(f"DIFFERS {key}: expected '{want}', found '{found}'")
    expected = description["expect"]
    links = degraded_links(facts)
    if links != sorted(expected["degraded_links"]):
        differences.append(links)
        print(f"DIFFERS degraded links: expected {expected['degraded_links']}, found {links}")
    if (facts["iommu_groups"] != "0") != expected["iommu_groups"]:
        differences.append("iommu")
        print(f"DIFFERS iommu groups: found {facts['iommu_groups']}")
    print(f"{len(wanted) + 2 - len(differences)} of {len(wanted) + 2} expectations hold;"
          f" {facts['iommu_groups']} IOMMU groups, degraded links: {', '.join(links) or 'none'}")
    return 1 if differences else 0


def gather(guest):
    output = io.BytesIO()
    status = guest.execute(GATHER, output=output, timeout=120)
    if status:
        raise GuestError(f"gathering failed with {status}: {output.getvalue().decode()}")
    pairs = (line.partition(" ") for line in output.getvalue().decode().splitlines())
    return {key: value.strip() for key, _, value in pairs}


def expectations(description):
    """Pairs of a key that the guest's facts have and the value it should have."""
    expected = description["expect"]
    for key, name in (("node/online", "nodes_online"), ("node/has_cpu", "nodes_with_cpus"),
                      ("node/has_memory", "nodes_with_memory"), ("cpu/online", "cpus_online"),
                      ("cpu/offline", "cpus_offline")):
        yield key, expected[name]
    yield from _node_expectations(description["nodes"], expected["cpus_offline"])
    for _, port in vm_machine.root_ports(description):
        yield f"{port['address']}/id", "1b36:000c"
    for node, _, device in vm_machine.devices(description):
        address = device["address"]
        yield f"{address}/id", device["pci_id"]
        yield f"{address}/numa_node", str(-1 if node is None else node)
        if "switch" not in device:
            yield f"{address}/driver", device.get("guest_driver", "")
    for address, count in expected.get("sriov_totalvfs", {}).items():
        yield f"{address}/sriov_totalvfs", str(count)
    for address in expected.get("virtual_functions", []):
        yield f"{address}/driver", "igbvf"
    if "kfd_nodes" in expected:
        yield "kfd_nodes", str(expected["kfd_nodes"])


def _node_expectations(nodes, offline):
    present = [node for node in nodes if node["guest"] is not None]
    for node in present:
        name = f"node/node{node['guest']}"
        row = {other["qemu"]: distance for other, distance in zip(nodes, node["distances"])}
        yield f"{name}/distance", ",".join(str(row[o["qemu"]]) for o in sorted(present, key=lambda n: n["guest"]))
        if not offline:     # an offline CPU leaves its node's list
            yield f"{name}/cpulist", node["guest_cpus"]


def degraded_links(facts):
    """Ports and devices whose link trained below what they can do."""
    found = []
    for key, speed in facts.items():
        if not key.endswith("/current_link_speed"):
            continue
        address = key.split("/")[0]
        best, most = facts[f"{address}/max_link_speed"], facts[f"{address}/max_link_width"]
        if "Unknown" in best or most == "0":
            continue
        if speed != best or facts[f"{address}/current_link_width"] != most:
            found.append(address)
    return sorted(found)

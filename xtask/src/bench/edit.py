"""The edit of the benchmark with PyYAML or ruamel.yaml: edit.py LIBRARY FILE CIDR"""

import sys

library, path, cidr = sys.argv[1:]
IPAM = '"type": "calico-ipam"'
FLAGS = ',\n              "assign_ipv4": "true",\n              "assign_ipv6": "true"'


def edit(document):
    kind = document["kind"]
    name = document["metadata"]["name"]
    if (kind, name) == ("ConfigMap", "calico-config"):
        data = document["data"]
        config = data["cni_network_config"]
        # A text of the same class keeps the style of its scalar in ruamel.yaml.
        data["cni_network_config"] = type(config)(config.replace(IPAM, IPAM + FLAGS))
    elif (kind, name) == ("DaemonSet", "calico-node"):
        for container in document["spec"]["template"]["spec"]["containers"]:
            if container["name"] != "calico-node":
                continue
            env = container["env"]
            for variable in env:
                if variable["name"] == "FELIX_IPV6SUPPORT":
                    variable["value"] = "true"
            env.append({"name": "IP6", "value": "autodetect"})
            env.append({"name": "CALICO_IPV6POOL_CIDR", "value": cidr})
            env.append({"name": "CALICO_IPV6POOL_NAT_OUTGOING", "value": "true"})
    return document


with open(path, encoding="utf-8") as file:
    text = file.read()

if library == "ruamel.yaml":
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.dump_all([edit(document) for document in yaml.load_all(text)], sys.stdout)
else:
    import yaml

    # libyaml where it is compiled in: ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    documents = [edit(document) for document in yaml.load_all(text, Loader=loader)]
    yaml.dump_all(documents, sys.stdout, Dumper=dumper, sort_keys=False, allow_unicode=True)

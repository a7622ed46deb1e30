function __tinyboxctl_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tinyboxctl_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __tinyboxctl_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tinyboxctl_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __tinyboxctl_parse_tokens -S
    set -l unparsed_tokens (__tinyboxctl_tokens -pc)
    switch $unparsed_tokens[1]
    case 'tinyboxctl'
        __tinyboxctl_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'status'
            __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'watch' 'interval=' 'version' 'h/help'
        case 'check'
            __tinyboxctl_parse_subcommand -r 1 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'all' 'explain=' 'live=' 'profile=' 'version' 'h/help'
        case 'devices'
            __tinyboxctl_parse_subcommand 2 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'version' 'h/help'
        case 'topology'
            __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'all' 'svg=' 'version' 'h/help'
        case 'p2p'
            __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'explain=+' 'version' 'h/help'
        case 'interrupts'
            __tinyboxctl_parse_subcommand 1 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'each' 'watch' 'interval=' 'version' 'h/help'
        case 'benchmark'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'version' 'h/help'
            case 'run'
                __tinyboxctl_parse_subcommand -r 1 'quick' 'device=+' 'scratch=' 'consent-serial=+' 'peer=' 'local=' 'nfs=' 'wait' 'explain' 'json' 'ascii' 'version' 'h/help'
            case 'soak'
                __tinyboxctl_parse_subcommand 0 'minutes=' 'json' 'ascii' 'version' 'h/help'
            case 'stop'
                __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            case 'history'
                __tinyboxctl_parse_subcommand 1 'json' 'ascii' 'version' 'h/help'
            case 'show'
                __tinyboxctl_parse_subcommand 1 'explain' 'json' 'ascii' 'version' 'h/help'
            case 'compare'
                __tinyboxctl_parse_subcommand 2 'all' 'ascii' 'version' 'h/help'
            case 'report'
                __tinyboxctl_parse_subcommand 1 'html=' 'version' 'h/help'
            case 'card'
                __tinyboxctl_parse_subcommand 0 'version' 'h/help'
                switch $unparsed_tokens[1]
                case 'make'
                    __tinyboxctl_parse_subcommand 1 'o/output=' 'sign=' 'version' 'h/help'
                case 'verify'
                    __tinyboxctl_parse_subcommand 1 'allowed-signers=' 'version' 'h/help'
                end
            case 'acknowledge'
                __tinyboxctl_parse_subcommand 1 'version' 'h/help'
            case 'export'
                __tinyboxctl_parse_subcommand 0 'format=' 'o/output=' 'version' 'h/help'
            case 'import'
                __tinyboxctl_parse_subcommand 1 'own' 'version' 'h/help'
            case 'discard'
                __tinyboxctl_parse_subcommand 1 'version' 'h/help'
            end
        case 'placement'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'plan'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'policy=' 'version' 'h/help'
            case 'apply'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'policy=' 'version' 'h/help'
            case 'rollback'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'version' 'h/help'
            case 'status'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'ascii' 'policy=' 'version' 'h/help'
            end
        case 'run'
            __tinyboxctl_parse_subcommand -r 1 'gpus=' 'gpu=+' 'nic=' 'node=' 'cpus=' 'memory=' 'dry-run' 'policy=' 'version' 'h/help'
        case 'cdi'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'generate'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'output=' 'version' 'h/help'
            end
        case 'profile'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'version' 'h/help'
            case 'show'
                __tinyboxctl_parse_subcommand 1 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'version' 'h/help'
            case 'learn'
                __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'name=' 'replace' 'dry-run' 'allow-none' 'allow-failures' 'allow-fewer' 'output=' 'version' 'h/help'
            case 'diff'
                __tinyboxctl_parse_subcommand 2 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'from=' 'v/verbose' 'version' 'h/help'
            case 'use'
                __tinyboxctl_parse_subcommand 1 'replace' 'version' 'h/help'
            case 'forget'
                __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            end
        case 'capture'
            __tinyboxctl_parse_subcommand 1 'sysroot=' 'no-redact' 'force' 'version' 'h/help'
        case 'metrics'
            __tinyboxctl_parse_subcommand 0 'sysroot=' 'pci-ids=' 'format=' 'output=' 'from=' 'v/verbose' 'version' 'h/help'
        case 'events'
            __tinyboxctl_parse_subcommand 0 'f/follow' 'after=' 'l/limit=' 'severity=' 'kind=' 'json' 'ascii' 'version' 'h/help'
        case 'daemon'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'show'
                __tinyboxctl_parse_subcommand 0 'json' 'ascii' 'version' 'h/help'
            case 'reload'
                __tinyboxctl_parse_subcommand 0 'json' 'ascii' 'version' 'h/help'
            end
        case 'config'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'show'
                __tinyboxctl_parse_subcommand 1 'sysroot=' 'json' 'ascii' 'version' 'h/help'
            case 'check'
                __tinyboxctl_parse_subcommand 1 'sysroot=' 'json' 'version' 'h/help'
            end
        case 'token'
            __tinyboxctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'create'
                __tinyboxctl_parse_subcommand 1 'json' 'version' 'h/help'
            case 'list'
                __tinyboxctl_parse_subcommand 0 'json' 'version' 'h/help'
            case 'revoke'
                __tinyboxctl_parse_subcommand 1 'json' 'version' 'h/help'
            end
        case 'help'
            __tinyboxctl_parse_subcommand -r 1 'version'
        end
    end
end

function __tinyboxctl_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __tinyboxctl_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __tinyboxctl_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __tinyboxctl_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__tinyboxctl_tokens -p)
    if test -z "$(__tinyboxctl_tokens -t)"
        set -l index (count (__tinyboxctl_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'tinyboxctl' -f
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'status' -d 'The whole machine on one screen.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'check' -d 'What is wrong, why, what it costs and what to do.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'devices' -d 'Tables of devices, and everything known about one.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'topology' -d 'Sockets, NUMA nodes, root ports, switches and devices.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'p2p' -d 'Which devices can exchange data directly, and what prevents it.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'interrupts' -d 'Interrupts of each device, and how many its own NUMA node handles.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'benchmark' -d 'Measure memory, CPUs, GPUs, drives and network, and compare with before.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'placement' -d 'Put interrupts, queues and containers on the NUMA node of their device.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'run' -d 'Start a container on the node that has its devices free.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'cdi' -d 'Device nodes of GPUs for container engines (CDI).'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'profile' -d 'What this box should have: learned while it is healthy, or declared.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'capture' -d 'Record this machine, so that every command can replay it elsewhere.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'metrics' -d 'Metrics of the machine for Prometheus.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'events' -d 'What happened to the machine, recorded by tinyboxd.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'daemon' -d 'What tinyboxd is doing: mode, what it watches, suspended settings.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'config' -d 'What the files in /etc/tinybox set, and whether they are right.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'token' -d 'Tokens for read access to the gateway over the network.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" watch' -l 'watch' -d 'Redraw until q is pressed.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" interval' -l 'interval' -d 'Seconds between redraws with --watch.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl check" -ge 1' -fka 'device-lost device-driver expected-devices link-width link-speed link-stability aer bar-assigned bar-size mps mrrs relaxed-ordering gpu-count gpu-driver gpu-ecc gpu-throttle gpu-temperature gpu-holder gpu-memory-size gpu-power-cap gpu-replays gpu-runtime gpu-mig root-filesystem boot-disk disk-space raid nvme-state nvme-spare nvme-wear nvme-temperature nvme-firmware failed-units time-sync runtime-locks benchmark-decline irqbalance irq-locality nic-queues edac memory-channels memory-speed memory-size numa-balancing huge-pages-transparent huge-pages memory-nodes cpu-count cpu-temperature nps device-node cpu-governor cpu-driver cpu-boost c-states acs iommu-mode kernel-p2pdma peer-access p2p-contradiction p2p-raid pcie gpu peerToPeer processors memory interrupts storage system'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" all' -l 'all' -d 'Also list what is fine and what does not apply.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" explain' -l 'explain' -d 'Everything about one check.' -rfka 'device-lost device-driver expected-devices link-width link-speed link-stability aer bar-assigned bar-size mps mrrs relaxed-ordering gpu-count gpu-driver gpu-ecc gpu-throttle gpu-temperature gpu-holder gpu-memory-size gpu-power-cap gpu-replays gpu-runtime gpu-mig root-filesystem boot-disk disk-space raid nvme-state nvme-spare nvme-wear nvme-temperature nvme-firmware failed-units time-sync runtime-locks benchmark-decline irqbalance irq-locality nic-queues edac memory-channels memory-speed memory-size numa-balancing huge-pages-transparent huge-pages memory-nodes cpu-count cpu-temperature nps device-node cpu-governor cpu-driver cpu-boost c-states acs iommu-mode kernel-p2pdma peer-access p2p-contradiction p2p-raid pcie gpu peerToPeer processors memory interrupts storage system'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" live' -l 'live' -d 'Sample links, counters and GPUs for this long, while a load runs.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" profile' -l 'profile' -d 'Compare the box with this profile: a name, a file, or none.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl devices" -eq 1' -fka 'all gpu accelerator nic nvme bridge'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" all' -l 'all' -d 'Also show functions that are hidden by default: chipset, empty ports, virtual functions.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" svg' -l 'svg' -d 'Write a picture instead; - is standard output.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'svg\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p"' -l 'explain' -d 'Two devices, by PCI address or name: one pair hop by hop, the first starts transfers.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl p2p" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" each' -l 'each' -d 'A line for each interrupt.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" watch' -l 'watch' -d 'Show where interrupts are handled since they were placed; q ends it.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" interval' -l 'interval' -d 'Seconds between redraws with --watch.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'list' -d 'The suites: what each measures here, and for how long.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'run' -d 'Measure, and compare with physics and with before.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'soak' -d 'Load everything at once, watch for errors, and judge. Root only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'stop' -d 'End the run that is going on. What it measured is kept.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'history' -d 'Figures over time: all series, or one with what it shows.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'show' -d 'A run with its results; the last one without an id.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'compare' -d 'Two runs, or two cards, side by side.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'report' -d 'A run with its histories as one HTML file.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'card' -d 'A run in short, to show to others, signed.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'acknowledge' -d 'Mark a change as seen: its new level is accepted.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'export' -d 'Every run as JSON lines, CSV or OpenMetrics. Root only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'import' -d 'Store the runs of an export, of this machine or another. Root only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark" -eq 1' -fa 'discard' -d 'Take a run out of the history, such as one made while a fan was off. Root only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark run" -ge 1' -fka 'memory cpu gpu patterns drive-to-gpu nvme network nfs'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" quick' -l 'quick' -d 'A shorter run; its figures are no part of the history that is judged.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run"' -l 'device' -d 'Only this device; may be given several times.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" scratch' -l 'scratch' -d 'Write to this file, or to a new one in this folder.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run"' -l 'consent-serial' -d 'Overwrite the drive with this serial number: all data on it is lost.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" peer' -l 'peer' -d 'Address of a machine where \'iperf3 -s\' runs.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" local' -l 'local' -d 'Send from this address.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" nfs' -l 'nfs' -d 'An NFS server and its export.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" wait' -l 'wait' -d 'Wait for devices in use.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" explain' -l 'explain' -d 'Also show how each ceiling comes about.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark soak" minutes' -l 'minutes' -d 'Minutes that it runs.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark soak" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark soak" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark soak" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark soak" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark stop" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark stop" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark history" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark history" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark history" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark history" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark show" explain' -l 'explain' -d 'Also show how each ceiling comes about.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark show" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark show" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark show" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark compare" -eq 1' -F
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark compare" -eq 2' -F
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark compare" all' -l 'all' -d 'Also list figures without a difference.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark compare" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark compare" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark compare" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark report" html' -l 'html' -d 'The file to write.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark report" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark report" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark card" -eq 1' -fa 'make' -d 'Write the card of a run.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark card" -eq 1' -fa 'verify' -d 'Whether a card is unchanged, and who signed it.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card make" o output' -l 'output' -s 'o' -d 'Write to this file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card make" sign' -l 'sign' -d 'Sign with this SSH key: FILE.sig is the signature.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card make" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card make" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark card verify" -eq 1' -F
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card verify" allowed-signers' -l 'allowed-signers' -d 'Names and their keys, in the form of ssh-keygen(1).' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card verify" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark card verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark acknowledge" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark acknowledge" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark export" format' -l 'format' -d 'lines, csv or openmetrics.' -rfka 'lines csv openmetrics'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark export" o output' -l 'output' -s 'o' -d 'Write to this file.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark export" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl benchmark import" -eq 1' -F
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark import" own' -l 'own' -d 'The runs are this machine\'s own: they become part of its history.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark import" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark import" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark discard" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl benchmark discard" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl placement" -eq 1' -fa 'plan' -d 'What would be changed, and what is left alone and why. Changes nothing.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl placement" -eq 1' -fa 'apply' -d 'Make the changes of the plan. Root only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl placement" -eq 1' -fa 'rollback' -d 'Put every original value back. Root only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl placement" -eq 1' -fa 'status' -d 'What was placed, what of it is still in place, and what is not placed yet.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" policy' -l 'policy' -d 'Use this policy in place of the files in /etc/tinybox.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement plan" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" policy' -l 'policy' -d 'Use this policy in place of the files in /etc/tinybox.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement apply" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement rollback" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" policy' -l 'policy' -d 'Use this policy in place of the files in /etc/tinybox.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl placement status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" gpus' -l 'gpus' -d 'Number of free GPUs, all of one node.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run"' -l 'gpu' -d 'This GPU; the option may be repeated.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" nic' -l 'nic' -d 'On the node of this network interface.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" node' -l 'node' -d 'On this NUMA node.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" cpus' -l 'cpus' -d 'Number of CPUs; without it all that the node has for containers.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" memory' -l 'memory' -d 'Memory that the node must have free, such as 64G.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" dry-run' -l 'dry-run' -d 'Print the command line, start nothing.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" policy' -l 'policy' -d 'Use this policy in place of the files in /etc/tinybox.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl cdi" -eq 1' -fa 'generate' -d 'Write the specification for podman and docker.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" output' -l 'output' -d 'File to write; - is standard output.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl cdi generate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl profile" -eq 1' -fa 'list' -d 'Profiles that come with tinybox, and which one is in force.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl profile" -eq 1' -fa 'show' -d 'Print a profile as JSON; the one in force without a name.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl profile" -eq 1' -fa 'learn' -d 'Remember what the box has now, for \'tinyboxctl check\' to compare with.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl profile" -eq 1' -fa 'diff' -d 'What the box has now that its profile does not expect.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl profile" -eq 1' -fa 'use' -d 'Put a shipped profile, or one in a file, into force.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl profile" -eq 1' -fa 'forget' -d 'Remove the profile in force.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" name' -l 'name' -d 'Name of the profile.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" replace' -l 'replace' -d 'Replace the profile in force.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" dry-run' -l 'dry-run' -d 'Show what it would remember, and write nothing.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" allow-none' -l 'allow-none' -d 'Learn a box without a GPU.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" allow-failures' -l 'allow-failures' -d 'Learn a box although a check fails, or a link runs below what both ends can do.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" allow-fewer' -l 'allow-fewer' -d 'Learn a box that has less than the profile in force expects.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" output' -l 'output' -d 'Write it to a file instead of putting it into force; - is standard output.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile learn" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" sources' -l 'sources' -d 'Also show the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile diff" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile use" replace' -l 'replace' -d 'Replace the profile in force.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile use" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile use" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile forget" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl profile forget" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl capture" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'tar.zst\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" sysroot' -l 'sysroot' -d 'Record from a recording.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" no-redact' -l 'no-redact' -d 'Keep serial numbers, addresses and names.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" force' -l 'force' -d 'Replace the file if it exists.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" format' -l 'format' -d 'prometheus, which the textfile collector needs, or openmetrics.' -rfka 'prometheus openmetrics'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" output' -l 'output' -d 'Write this file in place of standard output.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'prom\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" from' -l 'from' -d 'Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).' -rfka 'auto daemon machine'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" v verbose' -l 'verbose' -s 'v' -d 'Say on standard error where the facts come from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl metrics" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" f follow' -l 'follow' -s 'f' -d 'Keep running, and print events as they happen.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" after' -l 'after' -d 'Only events with a higher number.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" l limit' -s 'l' -l 'limit' -d 'At most this many events, the newest.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" severity' -l 'severity' -d 'Only events of this severity or worse: info, notice, warning, error.' -rfka 'info notice warning error'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" kind' -l 'kind' -d 'Only events of this kind, such as device.added.' -rfka 'daemon.started daemon.stopped daemon.recovered daemon.reloaded configuration.invalid watch.lost events.unstored events.putAside device.added device.removed check.worse check.better irqbalance.started irqbalance.stopped container.started container.stopped unit.failed placement.drift placement.corrected placement.conflict placement.resumed placement.applied placement.rolledBack placement.refused benchmark.suspected benchmark.declined benchmark.improved benchmark.context-changed benchmark.history-put-aside'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" json' -l 'json' -d 'Print JSON; with --follow one line for each event.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl events" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl daemon" -eq 1' -fa 'show' -d 'Version, mode, what it watches and what it counted.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl daemon" -eq 1' -fa 'reload' -d 'Make tinyboxd read /etc/tinybox again. Root and group tinybox-admin only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon show" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon show" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon show" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon reload" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon reload" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon reload" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl daemon reload" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl config" -eq 1' -fa 'show' -d 'The value in force of each key, and the file and line it is set in.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl config" -eq 1' -fa 'check' -d 'What is wrong in the files, and what does not fit this machine.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl config show" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'toml\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config show" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config show" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config show" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config show" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl config check" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'toml\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config check" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config check" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config check" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl config check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl token" -eq 1' -fa 'create' -d 'Create a token and print it once.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl token" -eq 1' -fa 'list' -d 'List the tokens: id, time and name.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl token" -eq 1' -fa 'revoke' -d 'Revoke a token, and end the browser sessions that began with it.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token create" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token create" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token create" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token list" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token list" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token revoke" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token revoke" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl token revoke" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl help" version' -l 'version' -d 'Show the version.'

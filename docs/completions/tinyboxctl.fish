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
            __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'ascii' 'watch' 'interval=' 'version' 'h/help'
        case 'devices'
            __tinyboxctl_parse_subcommand 2 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'ascii' 'version' 'h/help'
        case 'topology'
            __tinyboxctl_parse_subcommand 0 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'ascii' 'all' 'svg=' 'version' 'h/help'
        case 'interrupts'
            __tinyboxctl_parse_subcommand 1 'sysroot=' 'json' 'sources' 'serials' 'pci-ids=' 'ascii' 'each' 'version' 'h/help'
        case 'capture'
            __tinyboxctl_parse_subcommand 1 'sysroot=' 'no-redact' 'force' 'version' 'h/help'
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
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'devices' -d 'Tables of devices, and everything known about one.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'topology' -d 'Sockets, NUMA nodes, root ports, switches and devices.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'interrupts' -d 'Interrupts per device, and how many land on the device\'s own NUMA node.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'capture' -d 'Record this machine, so that every command can replay it elsewhere.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" sources' -l 'sources' -d 'Also tell the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" watch' -l 'watch' -d 'Redraw until q is pressed.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" interval' -l 'interval' -d 'Seconds between redraws with --watch.' -rfka ''
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" sources' -l 'sources' -d 'Also tell the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl devices" -eq 1' -fka 'all gpu nic nvme bridge'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl devices" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" sources' -l 'sources' -d 'Also tell the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" all' -l 'all' -d 'Also show functions that are folded: chipset, empty ports, virtual functions.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" svg' -l 'svg' -d 'Write a picture instead; - is standard output.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'svg\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl topology" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" sysroot' -l 'sysroot' -d 'Replay a recording in place of this machine.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" json' -l 'json' -d 'Print JSON; the keys are documented in docs/json.md.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" sources' -l 'sources' -d 'Also tell the path each fact was read from.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" serials' -l 'serials' -d 'Also read serial numbers, UUIDs and hardware addresses.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" pci-ids' -l 'pci-ids' -d 'Take names from this pci.ids file.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" ascii' -l 'ascii' -d 'Draw with ASCII characters only.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" each' -l 'each' -d 'A line for each interrupt.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl interrupts" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_positional "tinyboxctl capture" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'tar.zst\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" sysroot' -l 'sysroot' -d 'Record from a recording.' -rF
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" no-redact' -l 'no-redact' -d 'Keep serial numbers, addresses and names.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" force' -l 'force' -d 'Replace the file if it exists.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" version' -l 'version' -d 'Show the version.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl capture" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tinyboxctl' -n '__tinyboxctl_should_offer_completions_for_flags_or_options "tinyboxctl help" version' -l 'version' -d 'Show the version.'

#!/bin/bash

__tinyboxctl_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__tinyboxctl_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__tinyboxctl_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__tinyboxctl_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_tinyboxctl() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    status|check|devices|topology|p2p|interrupts|benchmark|placement|run|cdi|profile|capture|metrics|events|daemon|config|token|model|runtime|setup|help)
        # Offer subcommand argument completions
        "_tinyboxctl_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'status check devices topology p2p interrupts benchmark placement run cdi profile capture metrics events daemon config token model runtime setup help' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_status() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --watch --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --interval)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--interval')
        return
        ;;
    esac
}

_tinyboxctl_check() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --all --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --explain --live --profile)
    __tinyboxctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--explain')
        __tinyboxctl_add_completions -W 'device-lost'$'\n''device-driver'$'\n''expected-devices'$'\n''link-width'$'\n''link-speed'$'\n''link-stability'$'\n''aer'$'\n''bar-assigned'$'\n''bar-size'$'\n''mps'$'\n''mrrs'$'\n''relaxed-ordering'$'\n''gpu-count'$'\n''gpu-driver'$'\n''gpu-ecc'$'\n''gpu-throttle'$'\n''gpu-temperature'$'\n''gpu-holder'$'\n''gpu-memory-size'$'\n''gpu-power-cap'$'\n''gpu-replays'$'\n''gpu-runtime'$'\n''gpu-mig'$'\n''root-filesystem'$'\n''boot-disk'$'\n''disk-space'$'\n''raid'$'\n''nvme-state'$'\n''nvme-spare'$'\n''nvme-wear'$'\n''nvme-temperature'$'\n''nvme-firmware'$'\n''failed-units'$'\n''time-sync'$'\n''runtime-locks'$'\n''benchmark-decline'$'\n''runtime-state'$'\n''runtime-gpu'$'\n''runtime-memory'$'\n''runtime-registry'$'\n''irqbalance'$'\n''irq-locality'$'\n''nic-queues'$'\n''edac'$'\n''memory-channels'$'\n''memory-speed'$'\n''memory-size'$'\n''numa-balancing'$'\n''huge-pages-transparent'$'\n''huge-pages'$'\n''memory-nodes'$'\n''cpu-count'$'\n''cpu-temperature'$'\n''nps'$'\n''device-node'$'\n''cpu-governor'$'\n''cpu-driver'$'\n''cpu-boost'$'\n''c-states'$'\n''acs'$'\n''iommu-mode'$'\n''kernel-p2pdma'$'\n''peer-access'$'\n''p2p-contradiction'$'\n''p2p-raid'$'\n''pcie'$'\n''gpu'$'\n''peerToPeer'$'\n''processors'$'\n''memory'$'\n''interrupts'$'\n''storage'$'\n''system'$'\n''runtimes'
        return
        ;;
    '--live')
        return
        ;;
    '--profile')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __tinyboxctl_add_completions -W 'device-lost'$'\n''device-driver'$'\n''expected-devices'$'\n''link-width'$'\n''link-speed'$'\n''link-stability'$'\n''aer'$'\n''bar-assigned'$'\n''bar-size'$'\n''mps'$'\n''mrrs'$'\n''relaxed-ordering'$'\n''gpu-count'$'\n''gpu-driver'$'\n''gpu-ecc'$'\n''gpu-throttle'$'\n''gpu-temperature'$'\n''gpu-holder'$'\n''gpu-memory-size'$'\n''gpu-power-cap'$'\n''gpu-replays'$'\n''gpu-runtime'$'\n''gpu-mig'$'\n''root-filesystem'$'\n''boot-disk'$'\n''disk-space'$'\n''raid'$'\n''nvme-state'$'\n''nvme-spare'$'\n''nvme-wear'$'\n''nvme-temperature'$'\n''nvme-firmware'$'\n''failed-units'$'\n''time-sync'$'\n''runtime-locks'$'\n''benchmark-decline'$'\n''runtime-state'$'\n''runtime-gpu'$'\n''runtime-memory'$'\n''runtime-registry'$'\n''irqbalance'$'\n''irq-locality'$'\n''nic-queues'$'\n''edac'$'\n''memory-channels'$'\n''memory-speed'$'\n''memory-size'$'\n''numa-balancing'$'\n''huge-pages-transparent'$'\n''huge-pages'$'\n''memory-nodes'$'\n''cpu-count'$'\n''cpu-temperature'$'\n''nps'$'\n''device-node'$'\n''cpu-governor'$'\n''cpu-driver'$'\n''cpu-boost'$'\n''c-states'$'\n''acs'$'\n''iommu-mode'$'\n''kernel-p2pdma'$'\n''peer-access'$'\n''p2p-contradiction'$'\n''p2p-raid'$'\n''pcie'$'\n''gpu'$'\n''peerToPeer'$'\n''processors'$'\n''memory'$'\n''interrupts'$'\n''storage'$'\n''system'$'\n''runtimes'
        return
        ;;
    esac
}

_tinyboxctl_devices() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -W 'all'$'\n''gpu'$'\n''accelerator'$'\n''nic'$'\n''nvme'$'\n''bridge'
        return
        ;;
    esac
}

_tinyboxctl_topology() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --all --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --svg)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--svg')
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(svg)'
        return
        ;;
    esac
}

_tinyboxctl_p2p() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=(--explain)
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--explain')
        return
        ;;
    esac
}

_tinyboxctl_interrupts() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --each --watch --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --interval)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--interval')
        return
        ;;
    esac
}

_tinyboxctl_benchmark() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|run|soak|placement|stop|history|show|compare|report|card|acknowledge|export|import|discard)
        # Offer subcommand argument completions
        "_tinyboxctl_benchmark_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list run soak placement stop history show compare report card acknowledge export import discard' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_benchmark_list() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac
}

_tinyboxctl_benchmark_run() {
    repeating_flags=()
    non_repeating_flags=(--quick --wait --explain --json --ascii --version -h --help)
    repeating_options=(--device --consent-serial)
    non_repeating_options=(--scratch --peer --local --nfs)
    __tinyboxctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--device')
        return
        ;;
    '--scratch')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--consent-serial')
        return
        ;;
    '--peer')
        return
        ;;
    '--local')
        return
        ;;
    '--nfs')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __tinyboxctl_add_completions -W 'memory'$'\n''cpu'$'\n''gpu'$'\n''patterns'$'\n''drive-to-gpu'$'\n''compute'$'\n''nvme'$'\n''network'$'\n''nfs'$'\n''runtime'
        return
        ;;
    esac
}

_tinyboxctl_benchmark_soak() {
    repeating_flags=()
    non_repeating_flags=(--json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--minutes)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--minutes')
        return
        ;;
    esac
}

_tinyboxctl_benchmark_placement() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --quick --wait --json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=(--load)
    non_repeating_options=(--peer --local --sysroot --pci-ids --from --policy)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--load')
        return
        ;;
    '--peer')
        return
        ;;
    '--local')
        return
        ;;
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--policy')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_benchmark_stop() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_benchmark_history() {
    repeating_flags=()
    non_repeating_flags=(--json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_benchmark_show() {
    repeating_flags=()
    non_repeating_flags=(--explain --json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_benchmark_compare() {
    repeating_flags=()
    non_repeating_flags=(--all --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 2

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -f
        return
        ;;
    2)
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_benchmark_report() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--html)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--html')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_benchmark_card() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    make|verify)
        # Offer subcommand argument completions
        "_tinyboxctl_benchmark_card_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'make verify' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_benchmark_card_make() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --sign)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--sign')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_benchmark_card_verify() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--allowed-signers)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--allowed-signers')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_benchmark_acknowledge() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_benchmark_export() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--format --output -o)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--format')
        __tinyboxctl_add_completions -W 'lines'$'\n''csv'$'\n''openmetrics'
        return
        ;;
    '--output'|'-o')
        return
        ;;
    esac
}

_tinyboxctl_benchmark_import() {
    repeating_flags=()
    non_repeating_flags=(--own --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_benchmark_discard() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_placement() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    plan|apply|rollback|status)
        # Offer subcommand argument completions
        "_tinyboxctl_placement_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'plan apply rollback status' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_placement_plan() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --policy)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--policy')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_placement_apply() {
    repeating_flags=()
    non_repeating_flags=(--prove --quick --wait --json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=(--load)
    non_repeating_options=(--peer --local --sysroot --pci-ids --from --policy)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--load')
        return
        ;;
    '--peer')
        return
        ;;
    '--local')
        return
        ;;
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--policy')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_placement_rollback() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac
}

_tinyboxctl_placement_status() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --policy)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--policy')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_run() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --version -h --help)
    repeating_options=(--gpu)
    non_repeating_options=(--gpus --nic --node --cpus --memory --policy)
    __tinyboxctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--gpus')
        return
        ;;
    '--gpu')
        return
        ;;
    '--nic')
        return
        ;;
    '--node')
        return
        ;;
    '--cpus')
        return
        ;;
    '--memory')
        return
        ;;
    '--policy')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_cdi() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    generate)
        # Offer subcommand argument completions
        "_tinyboxctl_cdi_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'generate' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_cdi_generate() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --output)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--output')
        return
        ;;
    esac
}

_tinyboxctl_profile() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|show|learn|diff|use|forget)
        # Offer subcommand argument completions
        "_tinyboxctl_profile_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show learn diff use forget' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_profile_list() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac
}

_tinyboxctl_profile_show() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac
}

_tinyboxctl_profile_learn() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --replace --dry-run --allow-none --allow-failures --allow-fewer --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from --name --output)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    '--name')
        return
        ;;
    '--output')
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(json)'
        return
        ;;
    esac
}

_tinyboxctl_profile_diff() {
    repeating_flags=()
    non_repeating_flags=(--json --sources --serials --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --from)
    __tinyboxctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac
}

_tinyboxctl_profile_use() {
    repeating_flags=()
    non_repeating_flags=(--replace --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_profile_forget() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_capture() {
    repeating_flags=()
    non_repeating_flags=(--no-redact --force --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(tar.zst)'
        return
        ;;
    esac
}

_tinyboxctl_metrics() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot --pci-ids --format --output --from)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--pci-ids')
        __tinyboxctl_add_completions -f
        return
        ;;
    '--format')
        __tinyboxctl_add_completions -W 'prometheus'$'\n''openmetrics'
        return
        ;;
    '--output')
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(prom)'
        return
        ;;
    '--from')
        __tinyboxctl_add_completions -W 'auto'$'\n''daemon'$'\n''machine'
        return
        ;;
    esac
}

_tinyboxctl_events() {
    repeating_flags=()
    non_repeating_flags=(--follow -f --json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--after -l --limit --severity --kind)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--after')
        return
        ;;
    '-l'|'--limit')
        return
        ;;
    '--severity')
        __tinyboxctl_add_completions -W 'info'$'\n''notice'$'\n''warning'$'\n''error'
        return
        ;;
    '--kind')
        __tinyboxctl_add_completions -W 'daemon.started'$'\n''daemon.stopped'$'\n''daemon.recovered'$'\n''daemon.reloaded'$'\n''configuration.invalid'$'\n''watch.lost'$'\n''events.unstored'$'\n''events.putAside'$'\n''device.added'$'\n''device.removed'$'\n''check.worse'$'\n''check.better'$'\n''irqbalance.started'$'\n''irqbalance.stopped'$'\n''container.started'$'\n''container.stopped'$'\n''unit.failed'$'\n''placement.drift'$'\n''placement.corrected'$'\n''placement.conflict'$'\n''placement.resumed'$'\n''placement.applied'$'\n''placement.rolledBack'$'\n''placement.trialDied'$'\n''placement.refused'$'\n''benchmark.suspected'$'\n''benchmark.declined'$'\n''benchmark.improved'$'\n''benchmark.context-changed'$'\n''benchmark.history-put-aside'$'\n''runtime.started'$'\n''runtime.ready'$'\n''runtime.stopped'$'\n''runtime.failed'$'\n''runtime.hung'$'\n''runtime.refused'$'\n''runtime.configuration-invalid'
        return
        ;;
    esac
}

_tinyboxctl_daemon() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    show|reload)
        # Offer subcommand argument completions
        "_tinyboxctl_daemon_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'show reload' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_daemon_show() {
    repeating_flags=()
    non_repeating_flags=(--json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_daemon_reload() {
    repeating_flags=()
    non_repeating_flags=(--json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_config() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    show|check)
        # Offer subcommand argument completions
        "_tinyboxctl_config_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'show check' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_config_show() {
    repeating_flags=()
    non_repeating_flags=(--json --ascii --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(toml)'
        return
        ;;
    esac
}

_tinyboxctl_config_check() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--sysroot)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sysroot')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(toml)'
        return
        ;;
    esac
}

_tinyboxctl_token() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    create|list|revoke)
        # Offer subcommand argument completions
        "_tinyboxctl_token_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'create list revoke' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_token_create() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(--for)
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--for')
        __tinyboxctl_add_completions -W 'read'$'\n''models'
        return
        ;;
    esac
}

_tinyboxctl_token_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_token_revoke() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_model() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    add|list|show|verify|remove)
        # Offer subcommand argument completions
        "_tinyboxctl_model_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'add list show verify remove' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_model_add() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--name --sha256 --context --backend)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--name')
        return
        ;;
    '--sha256')
        return
        ;;
    '--context')
        return
        ;;
    '--backend')
        return
        ;;
    esac
}

_tinyboxctl_model_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_model_show() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--context --backend)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--context')
        return
        ;;
    '--backend')
        return
        ;;
    esac
}

_tinyboxctl_model_verify() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_model_remove() {
    repeating_flags=()
    non_repeating_flags=(--force --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_runtime() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    install|add|list|show|start|stop|restart|remove|logs|chat)
        # Offer subcommand argument completions
        "_tinyboxctl_runtime_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'install add list show start stop restart remove logs chat' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_runtime_install() {
    repeating_flags=()
    non_repeating_flags=(--rollback --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--wheels)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--wheels')
        __tinyboxctl_add_completions -d
        return
        ;;
    esac
}

_tinyboxctl_runtime_add() {
    repeating_flags=()
    non_repeating_flags=(--on-demand --force --dry-run --json --version -h --help)
    repeating_options=(--apis --environment)
    non_repeating_options=(--model --gpus --context --slots --backend --endpoint --kind --idle --memory --memory-nodes --threads)
    __tinyboxctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--gpus')
        return
        ;;
    '--context')
        return
        ;;
    '--slots')
        return
        ;;
    '--apis')
        return
        ;;
    '--backend')
        return
        ;;
    '--endpoint')
        return
        ;;
    '--kind')
        return
        ;;
    '--idle')
        return
        ;;
    '--memory')
        return
        ;;
    '--memory-nodes')
        return
        ;;
    '--threads')
        return
        ;;
    '--environment')
        return
        ;;
    esac
}

_tinyboxctl_runtime_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_runtime_show() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_runtime_start() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_runtime_stop() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_runtime_restart() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_runtime_remove() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1
}

_tinyboxctl_runtime_logs() {
    repeating_flags=()
    non_repeating_flags=(--follow -f --version -h --help)
    repeating_options=()
    non_repeating_options=(--lines -n)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--lines'|'-n')
        return
        ;;
    esac
}

_tinyboxctl_runtime_chat() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--system --max-tokens --temperature --gateway --token-file)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--system')
        return
        ;;
    '--max-tokens')
        return
        ;;
    '--temperature')
        return
        ;;
    '--gateway')
        return
        ;;
    '--token-file')
        __tinyboxctl_add_completions -f
        return
        ;;
    esac
}

_tinyboxctl_setup() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    status|validate|run|retry|stick|ask)
        # Offer subcommand argument completions
        "_tinyboxctl_setup_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'status validate run retry stick ask' -- "${cur}"))
        ;;
    esac
}

_tinyboxctl_setup_status() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_setup_validate() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 1

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(toml)'
        return
        ;;
    esac
}

_tinyboxctl_setup_run() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--answers)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--answers')
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(toml)'
        return
        ;;
    esac
}

_tinyboxctl_setup_retry() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--answers)
    __tinyboxctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--answers')
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(toml)'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tinyboxctl_add_completions -W 'identify'$'\n''check'$'\n''storage'$'\n''network'$'\n''driver'$'\n''runtime'$'\n''model'$'\n''baseline'$'\n''ready'
        return
        ;;
    esac
}

_tinyboxctl_setup_stick() {
    repeating_flags=()
    non_repeating_flags=(--replace --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options 0
}

_tinyboxctl_setup_ask() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--file)
    __tinyboxctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file')
        __tinyboxctl_add_completions -o plusdirs -fX '!*.@(toml)'
        return
        ;;
    esac
}

_tinyboxctl_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __tinyboxctl_offer_flags_options -1
}

complete -o filenames -F _tinyboxctl tinyboxctl

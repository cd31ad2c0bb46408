# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_wrcap_global_optspecs
    string join \n profiles= color= read-only privacy q/quiet v/verbose h/help V/version
end

function __fish_wrcap_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_wrcap_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_wrcap_using_subcommand
    set -l cmd (__fish_wrcap_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c wrcap -n "__fish_wrcap_needs_command" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_needs_command" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_needs_command" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_needs_command" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_needs_command" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_needs_command" -s V -l version -d 'Print version'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "capture" -d 'Capture without the dashboard, until stopped'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "list" -d 'Show the saved targets'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "check" -d 'Check the road to a capture: path, login, tcpdump, privilege, interface, filter, leftovers'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "clean" -d 'End what earlier sessions left behind on targets'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "interfaces" -d 'Show a target\'s interfaces'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "spool" -d 'Show, save or remove captures that killed runs left'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "import" -d 'Turn a wireshark-remote.conf into a site file'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "edit" -d 'Edit a site file in $EDITOR, checked on return'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "demo" -d 'Open the dashboard on a throwaway bastion and targets on this machine'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "paths" -d 'Show where wrcap keeps things'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "schema" -d 'Print the JSON Schema of site files'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "keys" -d 'Print the dashboard\'s keys'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "completions" -d 'Print a completion script'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "man" -d 'Print the manual page'
complete -c wrcap -n "__fish_wrcap_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s w -l write -d 'Write pcapng to FILE; `-` is stdout, a folder gets one file a target, {site}, {target}, {interface} and {start} in its name are filled in' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l rotate -d 'Go on in another file by size or time, and keep so many: size=100MB,every=1h,keep=5, any of them' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s f -l filter -d 'A pcap-filter expression instead of the profile\'s' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s i -l interface -d 'An interface of the target instead of the profile\'s; several, in one capture, by commas or by -i for each' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s s -l snaplen -d 'Bytes kept of each packet, instead of the profile\'s' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s c -l count -d 'Stop after this many packets, each session' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s d -l duration -d 'Stop after this long, each session' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l bytes -d 'Stop after this many captured bytes, each session' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l until -d 'Stop at this local time: 14:30, or 2026-11-26 14:30' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l stop-match -d 'Stop after the first packet that matches this pcap-filter expression' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l stop-then -d 'So long after that packet' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l viewer -d 'A viewer instead of the profile\'s: wireshark, tshark, termshark, none, or a command' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l no-viewer -d 'No viewer'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l json -d 'One event a line, on stdout; on stderr with `-w -`'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l ask -d 'Answer ssh\'s questions on the terminal (the default when there is one)'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l reuse-answers -d 'Use typed passwords and passphrases again when a session has to log in anew (kept in memory only)'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand capture" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -l json -d 'One JSON object instead of a table'
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -l json -d 'One JSON object instead of lines'
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -s y -l yes -d 'End what this user on this machine left, without asking'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -l all -d 'Also end what others left or nobody says is theirs, and this user\'s captures that are being watched'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -l json -d 'One JSON object instead of lines'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -l json -d 'One JSON object instead of lines'
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand interfaces" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -f -a "list" -d 'Show the captures in the spool'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -f -a "save" -d 'Save captures of the spool as files'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -f -a "rm" -d 'Remove captures from the spool for good'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and not __fish_seen_subcommand_from list save rm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -l json -d 'One JSON object instead of a table'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -s w -l write -d 'The file, or a folder for one file each; {site}, {target}, {interface} and {start} in its name are filled in' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -l last -d 'Only the last packets: those of so long a time' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -l last-bytes -d 'Only the last packets: those that fit into so many bytes' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -l all -d 'All that no running wrcap holds'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do not ask'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the captures in the spool'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "save" -d 'Save captures of the spool as files'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove captures from the spool for good'
complete -c wrcap -n "__fish_wrcap_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -l name -d 'The new site\'s name; without it the file\'s' -r
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -l dry-run -d 'Print the site file and write nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -l loopback -d 'Build it without root, from unprivileged sshd on loopback'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -l no-dashboard -d 'Do not open the dashboard: say where the lab is, and keep it until Enter or Ctrl-d'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand paths" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -l config -d 'The schema of config.yaml, the dashboard\'s settings, instead'
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -l profiles -d 'Folder of site files instead of the usual one' -r -F
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -l read-only -d 'In the dashboard: start and change nothing'
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -l privacy -d 'In the dashboard: hide addresses, machines and users'
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -s q -l quiet -d 'Say failures only'
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -s v -l verbose -d 'Say everything that ssh and tcpdump say'
complete -c wrcap -n "__fish_wrcap_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "capture" -d 'Capture without the dashboard, until stopped'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "list" -d 'Show the saved targets'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "check" -d 'Check the road to a capture: path, login, tcpdump, privilege, interface, filter, leftovers'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "clean" -d 'End what earlier sessions left behind on targets'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "interfaces" -d 'Show a target\'s interfaces'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "spool" -d 'Show, save or remove captures that killed runs left'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "import" -d 'Turn a wireshark-remote.conf into a site file'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "edit" -d 'Edit a site file in $EDITOR, checked on return'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "demo" -d 'Open the dashboard on a throwaway bastion and targets on this machine'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "paths" -d 'Show where wrcap keeps things'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "schema" -d 'Print the JSON Schema of site files'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "keys" -d 'Print the dashboard\'s keys'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "completions" -d 'Print a completion script'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "man" -d 'Print the manual page'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and not __fish_seen_subcommand_from capture list check clean interfaces spool import edit demo paths schema keys completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "list" -d 'Show the captures in the spool'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "save" -d 'Save captures of the spool as files'
complete -c wrcap -n "__fish_wrcap_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "rm" -d 'Remove captures from the spool for good'

#!/usr/bin/env escript
%% Decodes each line "module type hex" of a file with the modules in a folder, where everything is
%% compiled, and encodes what came out again. Prints "module type same", or what differs.
main([Folder, File]) ->
    ok = file:set_cwd(Folder),
    code:add_patha("."),
    [ok = asn1ct:compile(M, [ber]) || M <- ["CSTA3-app-context", "CSTA3-types", "CSTA3-services",
                                            "CSTA3-events", "CSTA2-traces"]],
    {ok, Lines} = file:read_file(File),
    [check(string:lexemes(binary_to_list(L), " ")) || L <- binary:split(Lines, <<"\n">>, [global, trim_all])].

check([Module, Type, Hex]) ->
    M = list_to_atom(Module),
    T = list_to_atom(Type),
    Bytes = binary:decode_hex(list_to_binary(Hex)),
    Verdict = try
        {ok, Value} = M:decode(T, Bytes),
        {ok, Again} = M:encode(T, Value),
        case Again of
            Bytes -> "same";
            _ -> "otherwise " ++ binary_to_list(binary:encode_hex(Again))
        end
    catch _:Reason -> io_lib:format("refused ~0P", [Reason, 20])
    end,
    io:format("~s ~s ~s~n", [Module, Type, Verdict]).

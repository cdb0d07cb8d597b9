#!/usr/bin/env escript
%% Decodes each line "module type hex" of a file with the modules in a folder, where everything is
%% compiled, and encodes what came out again. Prints "module type same" and the value, or "otherwise",
%% what it would write, and the value.
main([Folder, File]) ->
    ok = file:set_cwd(Folder),
    code:add_patha("."),
    [ok = asn1ct:compile(M, [ber]) || M <- ["CSTA3-app-context", "CSTA3-types", "CSTA3-services",
                                            "CSTA3-events", "CSTA2-traces",
                                            "CSTA-ROSE", "ACSE-1"]],
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
            Bytes -> io_lib:format("same ~0p", [Value]);
            _ -> io_lib:format("otherwise ~s ~0p", [binary:encode_hex(Again), Value])
        end
    catch _:Reason -> io_lib:format("refused ~0P", [Reason, 20])
    end,
    io:format("~s ~s ~s~n", [Module, Type, Verdict]).

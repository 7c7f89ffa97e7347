// A search index that grows for ever: documents come in, and every word finds those it is in.
package .demo.search;

class main
{
    var boot : .internal.boot;
    var lock : .internal.mutex;
    var words : string[];
    // For each document the numbers of its words, each once.
    var documents : .phantom.data.list;
    // For each word the numbers of the documents it is in, in order.
    var postings : .phantom.data.map;
    var entries : int = 0;
    var chance : .phantom.math.random;

    void startup( var b ) [8]
    {
        boot = b;
        lock = new .internal.mutex();
        documents = new .phantom.data.list();
        postings = new .phantom.data.map();
        chance = new .phantom.math.random( 1 );
        words = vocabulary();
        while( 1 ) {
            for( var i : int = 0; i < 4; i += 1 ) { write(); boot.sleep( 10 ); }
            search( words[chance.below( words.size() )] );
        }
    }

    string[] vocabulary()
    {
        var all : string[] = new string[]();
        var text : string = "memory page object thread power cut disk block snapshot never lost again kernel write flush commit";
        for( var space : int = text.find( " " ); space >= 0; space = text.find( " " ) ) {
            all[all.size()] = text.substring( 0, space );
            text = text.substring( space + 1, text.length() - space - 1 );
        }
        all[all.size()] = text;
        return all;
    }

    // A document of three words that follow each other in a row drawn by chance, and a fourth.
    void write()
    {
        var first : int = chance.below( words.size() );
        var has : int[] = new int[]();
        for( var i : int = 0; i < 3; i += 1 ) has[i] = ( first + i ) % words.size();
        var other : int = chance.below( words.size() );
        if( other != has[0] && other != has[1] && other != has[2] ) has[3] = other;
        lock.lock();
        foreach( word in has ) index( words[word], documents.size() );
        documents.add( has );
        lock.unlock();
    }

    void index( var word : string, var document : int )
    {
        var list : .phantom.data.list = postings.get( word );
        if( list == null ) {
            list = new .phantom.data.list();
            postings.put( word, list );
        }
        list.add( document );
        entries += 1;
    }

    void search( var word : string )
    {
        lock.lock();
        var found : .phantom.data.list = postings.get( word );
        var line : string = word + ": nowhere in ";
        if( found != null ) line = word + ": in " + found.size() + " of ";
        line += documents.size() + " documents";
        lock.unlock();
        boot.16( line + "\n" );
    }

    // Every word of every document has it in its list, once and in order, and no list has more.
    string invariant()
    {
        if( words == null ) return null;
        lock.lock();
        var problem : string = check();
        lock.unlock();
        return problem;
    }

    string check()
    {
        var next : int[] = new int[]();
        for( var w : int = 0; w < words.size(); w += 1 ) next[w] = 0;
        var found : int = 0;
        for( var d : int = 0; d < documents.size(); d += 1 ) {
            var has : int[] = documents.get( d );
            foreach( w in has ) {
                var list : .phantom.data.list = postings.get( words[w] );
                if( list == null || next[w] >= list.size() || (int)list.get( next[w] ) != d )
                    return "document " + d + " is not found by its word " + words[w];
                next[w] += 1;
                found += 1;
            }
        }
        if( found != entries ) return "the index has " + entries + " entries for " + found + " words";
        return null;
    }
};
